"""The records of the plant that the settings name: its registry and its object store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dashboard.records import Attempt, Night, Records, Run, Suspect
from technopro import registry
from technopro.errors import ObjectMissing, RegistryError
from technopro.intake import thumb_key
from technopro.plant import Plant, open_plant
from technopro.registry.tables import Run as RunTable
from technopro.settings import Settings

FRESH_S = 60  # how old a figure on the page may be
PICTURES_KEPT = 512  # thumbnails and heat maps in memory, about 50 kB each


def opened_plant() -> Plant:
    """Return the plant that the settings name, opened once; TechnoproError where it is away."""
    settings = Settings()
    return _plant(settings.resolved_database_url(), settings.resolved_object_store(), settings)


@contextmanager
def answering(plant: Plant) -> Iterator[Session]:
    """Open the registry; a database that fails meanwhile is a RegistryError in plain words."""
    try:
        with registry.unit_of_work(plant.engine) as session:
            yield session
    except SQLAlchemyError as error:
        raise RegistryError(
            f"expected an answer from the database, found {type(error).__name__}; "
            "check that its server runs and has not been moved"
        ) from error


def open_records() -> Records:
    """Return the records of this plant; raises TechnoproError where they cannot be reached."""
    return PlantRecords(opened_plant())


@dataclass(frozen=True)
class PlantRecords:
    """Reads the registry and the object store; writes nothing."""

    plant: Plant

    def runs(self) -> Sequence[Run]:
        with answering(self.plant) as session:
            rows = registry.nights(session)
        zone = ZoneInfo(self.plant.settings.timezone)
        return [
            Run(row.run_id, row.batch_id, row.state, row.started_at.astimezone(zone), row.images)
            for row in rows
        ]

    def latest(self) -> Attempt | None:
        of_nights = select(RunTable.state, RunTable.started_at).where(RunTable.kind != "maintain")
        with answering(self.plant) as session:
            row = session.execute(of_nights.order_by(RunTable.started_at.desc()).limit(1)).first()
        if row is None:
            return None
        return Attempt(row.state, row.started_at.astimezone(ZoneInfo(self.plant.settings.timezone)))

    def night(self, run: Run) -> Night:
        with answering(self.plant) as session:
            patterns = tuple(registry.night(session, run.run_id))
            quarantined = tuple(registry.quarantined(session, run.batch_id))
        scores = self.scores(run.run_id)
        review = scores.loc[scores["decision"] == "review", "sha256"].nunique()
        flagged = sum(pattern.flagged for pattern in patterns)
        return Night(run, patterns, flagged, review, quarantined)

    def scores(self, run_id: str) -> pd.DataFrame:
        def read() -> pd.DataFrame:
            with answering(self.plant) as session:
                return registry.scores(session, run_id)

        return _scores(self.plant.store.url, run_id, read)

    def worst(self, run_id: str, pattern: str | None, limit: int) -> Sequence[Suspect]:
        with answering(self.plant) as session:
            rows = registry.worst(session, run_id, pattern, limit)
        return [Suspect(r.sha256, r.path, r.pattern, r.score, r.decision, r.heat_key) for r in rows]

    def thumbnail(self, sha256: str) -> bytes | None:
        return _object(self.plant.store.url, thumb_key(sha256), self.plant)

    def heat(self, key: str) -> bytes | None:
        return _object(self.plant.store.url, key, self.plant)


@st.cache_resource(max_entries=4, show_spinner=False)
def _plant(database_url: str, store_url: str, _settings: Settings) -> Plant:
    return open_plant(_settings)


@st.cache_data(max_entries=4, ttl=FRESH_S, show_spinner=False)
def _scores(store_url: str, run_id: str, _read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return _read()


@st.cache_data(max_entries=PICTURES_KEPT, show_spinner=False)
def _found_object(store_url: str, key: str, _plant: Plant) -> bytes:
    return _plant.store.get(key)


def _object(store_url: str, key: str, plant: Plant) -> bytes | None:
    """Return an object's bytes; None is not remembered, it may come yet."""
    try:
        return _found_object(store_url, key, plant)
    except ObjectMissing:
        return None
