"""The plant that the settings name: its registry and its object store, opened once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dashboard.pictures import light
from technopro import registry
from technopro.errors import ObjectMissing, RegistryError
from technopro.plant import Plant, open_plant
from technopro.settings import Settings

Found = TypeVar("Found")
FRESH_S = 60  # how old a figure on the page may be
OURS = ("TECHNOPRO_", "HOME")  # how the variables begin that settings go by
PICTURES_KEPT = 1024  # thumbnails and heat maps in memory, about 50 kB each


def settings_now() -> Settings:
    """Return the settings; read again only where the environment or the `.env` file has changed.

    A page asks for them several times, and reading takes some milliseconds each time.
    """
    file = Path(".env").absolute()
    written = file.stat().st_mtime_ns if file.exists() else 0
    own = {n: value for n, value in os.environ.items() if n.upper().startswith(OURS)}
    return _settings(str(file), written, tuple(sorted(own.items())))


@lru_cache(maxsize=4)
def _settings(file: str, written: int, environment: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()


def opened_plant() -> Plant:
    """Return the plant that the settings name, opened once; TechnoproError where it is away."""
    settings = settings_now()
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
    return _if_there(_stored, plant, key)


def pictured(plant: Plant, key: str) -> str | None:
    """Return a stored picture as an address that holds it; None where it is gone, as above."""
    return _if_there(_light, plant, key)


def _if_there(read: Callable[[str, str, Plant], Found], plant: Plant, key: str) -> Found | None:
    try:
        return read(plant.store.url, key, plant)
    except ObjectMissing:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _plant(database_url: str, store_url: str, _settings: Settings) -> Plant:
    return open_plant(_settings)


@st.cache_data(max_entries=PICTURES_KEPT, show_spinner=False)
def _light(store_url: str, key: str, _plant: Plant) -> str:
    return light(_plant.store.get(key))


@st.cache_data(max_entries=PICTURES_KEPT, show_spinner=False)
def _stored(store_url: str, key: str, _plant: Plant) -> bytes:
    return _plant.store.get(key)
