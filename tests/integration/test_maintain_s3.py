"""Upkeep where objects lie in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from maintain_cases import MaintainCases, PruneCases

from technopro.plant import Plant, open_plant
from technopro.settings import Settings


@pytest.fixture
def plant(s3_endpoint: str, s3_bucket: str, tmp_path: Path) -> Iterator[Plant]:
    settings = Settings(
        home=tmp_path,
        object_store=f"s3://{s3_bucket}/plant",
        s3_endpoint_url=s3_endpoint,
        _env_file=None,
    )
    opened = open_plant(settings)
    yield opened
    opened.engine.dispose()


class TestMaintain(MaintainCases):
    pass


class TestPrune(PruneCases):
    pass
