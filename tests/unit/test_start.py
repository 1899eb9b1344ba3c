"""Starting flows by hand: what is wrong is said before anything runs."""

from __future__ import annotations

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import FLOWS
from flows.events import NEW_PATTERN, on_new_pattern
from flows.start import stage_of, start
from technopro.errors import InputError, TechnoproError


@pytest.mark.parametrize(
    ("flow", "given", "words"),
    [
        ("sing", [], "expected a flow among nightly, ingest"),
        ("score", ["source"], "expected name=value, found 'source'"),
        (
            "retrain",
            ["nonsense=1"],
            "expected parameters among batch_id, effort, patterns, which; found",
        ),
        ("nightly", ['effort={"profile": "fast"}'], "effort.profile: Input should be 'quick'"),
        ("nightly", ['effort={"sped": 1}'], "effort.sped: Extra inputs are not permitted"),
        ("new_pattern", ["batch_id=first"], "batch_id: Input should be a valid integer"),
    ],
)
def test_what_the_flow_would_refuse_is_refused_here(
    flow: str, given: list[str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        start(flow, given)


def test_without_a_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = "http://127.0.0.1:9/api"
    monkeypatch.setenv("PREFECT_API_URL", nobody)
    with (
        temporary_settings({PREFECT_API_URL: nobody}),
        pytest.raises(TechnoproError, match=r"127\.0\.0\.1:9/api.*technopro up"),
    ):
        start("nightly", [])
    with (
        temporary_settings({PREFECT_API_URL: nobody}),
        pytest.raises(TechnoproError, match=r"127\.0\.0\.1:9/api knows how run"),
    ):
        stage_of("00000000-0000-0000-0000-000000000000")


def test_every_deployed_flow_has_its_own_name_and_module() -> None:
    from importlib import import_module

    for name in FLOWS:
        assert getattr(import_module(f"flows.{name}"), name).name == name


def test_the_event_hands_over_its_batch_as_a_number() -> None:
    trigger = on_new_pattern()
    assert trigger.expect == {NEW_PATTERN}
    assert trigger.parameters is not None
    assert trigger.parameters["batch_id"]["__prefect_kind"] == "json"
