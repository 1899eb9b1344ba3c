"""Upkeep on the embedded default: a folder and SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from maintain_cases import MaintainCases, PruneCases, RuleCases

from technopro.plant import Plant, open_plant
from technopro.settings import Settings


@pytest.fixture
def plant() -> Iterator[Plant]:
    opened = open_plant(Settings(_env_file=None))
    yield opened
    opened.engine.dispose()


class TestMaintain(MaintainCases):
    pass


class TestRules(RuleCases):
    pass


class TestPrune(PruneCases):
    pass
