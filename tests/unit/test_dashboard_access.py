"""Roles: each may do what those before it may, and is asked where the change is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from dashboard.access import (
    ROLES,
    Refused,
    Role,
    SignedOut,
    User,
    current_user,
    require,
    user_of,
)
from dashboard.frame import View, literally
from dashboard.plant import settings_now
from dashboard.translations import Language
from technopro.settings import Settings


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("wanted", ROLES)
def test_a_role_may_do_what_those_before_it_may(own: Role, wanted: Role) -> None:
    user = User("aoi", own)
    allowed = ROLES.index(own) >= ROLES.index(wanted)
    assert user.may(wanted) is allowed
    if not allowed:
        with pytest.raises(Refused, match=f"expected the role {wanted}"):
            require(user, wanted)


@pytest.mark.parametrize(
    ("claims", "name", "role"),
    [
        ({"email": "vera@x", "roles": ["viewer"]}, "vera@x", "viewer"),
        ({"email": "Rei@X", "roles": ["reviewer", "viewer"]}, "rei@x", "reviewer"),
        ({"email": "rei@x", "roles": "engineer"}, "rei@x", "engineer"),
        ({"email": "Eri@x"}, "eri@x", "engineer"),  # by the mapping
        ({"email": "eri@x", "email_verified": False}, "eri@x", "viewer"),
        ({"email": "nobody@x", "roles": ["admin", "root"]}, "nobody@x", "viewer"),
        ({"sub": "17", "name": "Ken"}, "Ken", "viewer"),
        ({"sub": "17", "roles": None}, "17", "viewer"),
    ],
)
def test_what_a_provider_says_makes_a_person(
    claims: dict[str, object], name: str, role: Role
) -> None:
    settings = Settings(roles={"eri@X": "engineer"}, _env_file=None)
    assert user_of(claims, settings) == User(name, role)


def test_where_people_sign_in_nobody_is_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TECHNOPRO_LOGIN", str(tmp_path / "login.toml"))
    with pytest.raises(SignedOut):
        current_user()


def test_a_role_taken_away_since_the_page_was_drawn_counts_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.frame.opened_plant", lambda: pytest.fail("it was opened"))
    view = View(Language("en"), User("aoi", "engineer"))
    monkeypatch.setattr("dashboard.frame.current_user", lambda: User("aoi", "viewer"))
    with pytest.raises(Refused):
        view.change("reviewer", lambda session, actor: pytest.fail("it was done"))


@pytest.mark.parametrize("name", ["![](http://x/y)", "<b>a</b>", "*a* `b` $c$ :red[d] [e](f)"])
def test_a_name_in_a_message_is_no_markup(name: str) -> None:
    inline = MarkdownIt("gfm-like", {"linkify": False}).parseInline(literally(name))[0]
    assert {one.type for one in inline.children or []} <= {"text", "text_special"}
    assert "".join(one.content for one in inline.children or []) == name


def test_settings_are_read_again_where_something_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TECHNOPRO_HOME", raising=False)
    monkeypatch.setenv("TECHNOPRO_TIMEZONE", "UTC")
    first = settings_now()
    assert settings_now() is first
    monkeypatch.setenv("TECHNOPRO_TIMEZONE", "Asia/Tokyo")
    assert settings_now().timezone == "Asia/Tokyo"
    monkeypatch.delenv("TECHNOPRO_TIMEZONE")
    (tmp_path / ".env").write_text("TECHNOPRO_TIMEZONE=Europe/Berlin")
    assert settings_now().timezone == "Europe/Berlin"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings_now().home == tmp_path / ".technopro"
