"""The plant that the settings name: its registry and its object store, opened once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from technopro import registry
from technopro.errors import ObjectMissing, RegistryError
from technopro.plant import Plant, open_plant
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


def stored(plant: Plant, key: str) -> bytes | None:
    """Return an object's bytes; None where it is gone, which is not remembered: it may come yet."""
    try:
        return _stored(plant.store.url, key, plant)
    except ObjectMissing:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _plant(database_url: str, store_url: str, _settings: Settings) -> Plant:
    return open_plant(_settings)


@st.cache_data(max_entries=PICTURES_KEPT, show_spinner=False)
def _stored(store_url: str, key: str, _plant: Plant) -> bytes:
    return _plant.store.get(key)
