"""What one of many processes does that take folders in at once."""

from __future__ import annotations

from multiprocessing.connection import Connection

from technopro import pipeline
from technopro.plant import open_plant
from technopro.settings import Settings


def take_in(database: str, store: str, source: str, pipe: Connection) -> None:
    """Say that we are ready, wait for a word, ingest; send the batch's id and what was said."""
    plant = open_plant(Settings(database_url=database, object_store=store, _env_file=None))
    pipe.send("ready")
    pipe.recv()
    said: list[str] = []
    batch_id = pipeline.ingest(plant, source, announce=said.append)
    pipe.send((batch_id, said))
