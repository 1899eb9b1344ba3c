"""What is tried again, and what is not."""

from __future__ import annotations

import pytest
from prefect.states import Completed, Failed

from flows.steps import may_pass
from technopro.errors import InputError, RegistryError, StoreError, WeightsError


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StoreError("no answer"), True),
        (RegistryError("no answer"), True),
        (OSError("no room"), True),
        (InputError("a wrong path"), False),
        (WeightsError("damaged"), False),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_only_what_time_may_heal_is_tried_again(error: Exception, again: bool) -> None:
    assert may_pass(None, None, Failed(data=error)) is again


def test_what_went_well_is_not_done_again() -> None:
    assert not may_pass(None, None, Completed(data=1))
