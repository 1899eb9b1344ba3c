"""Roles: each may do what those before it may, and is asked where the change is made."""

from __future__ import annotations

import pytest

from dashboard.access import ROLES, Refused, Role, User, require
from dashboard.frame import View
from dashboard.translations import Language


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("wanted", ROLES)
def test_a_role_may_do_what_those_before_it_may(own: Role, wanted: Role) -> None:
    user = User("aoi", own)
    allowed = ROLES.index(own) >= ROLES.index(wanted)
    assert user.may(wanted) is allowed
    if not allowed:
        with pytest.raises(Refused, match=f"expected the role {wanted}"):
            require(user, wanted)


def test_a_change_that_is_refused_does_not_even_open_the_registry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.frame.opened_plant", lambda: pytest.fail("it was opened"))
    view = View(Language("en"), User("aoi", "viewer"))
    with pytest.raises(Refused):
        view.change("reviewer", lambda session, actor: pytest.fail("it was done"))
