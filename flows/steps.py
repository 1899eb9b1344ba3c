"""The parameters and the tasks that the flows share; only ids pass between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run, task_run
from pydantic import BaseModel, ConfigDict, Field

from flows.artifacts import show_learned, show_night
from flows.lookout import lookout, server_answers
from flows.progress import run_progress
from flows.spread import spread_over_workers
from technopro import pipeline, registry
from technopro.alerting import tell_absence, tell_delay
from technopro.errors import InputError, RegistryError, StoreError
from technopro.plant import Options, Plant
from technopro.settings import Device, Profile, Settings


def may_pass(_task: object, _run: object, state: State[Any]) -> bool:
    """Return whether time may heal a failure: a network, a server, a disk; not a wrong path."""
    try:
        state.result(raise_on_failure=True)
    except (StoreError, RegistryError, OSError):
        return True
    except Exception:
        return False
    return False


DELAYS_S = [10, 20, 40, 80, 160, 300]  # ten minutes; an outage of two is noticed to be over soon
LONG_S = 10.0  # without a Prefect server: more than one question left open
PATIENT: dict[str, Any] = {
    "retries": len(DELAYS_S),
    "retry_delay_seconds": DELAYS_S,
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": may_pass,
    "cache_policy": NO_CACHE,
}


class Effort(BaseModel):
    """How a run learns; validated before anything starts."""

    model_config = ConfigDict(extra="forbid")

    seed: int = Field(default=0, ge=0)
    device: Device = "auto"
    profile: Profile = "standard"
    threads: int = Field(default=0, ge=0, le=256)

    def options(self) -> Options:
        return Options(self.seed, self.device, self.profile, self.threads)


@task(**PATIENT)
def take_in(source: str | None, line: str | None = None) -> int:
    """Ingest the source, by default the one in the settings; returns the batch id."""
    settings = Settings()
    wanted = source or settings.source
    if wanted is None:
        raise InputError(
            "no source of images: set TECHNOPRO_SOURCE to a folder or s3://bucket/prefix, or give "
            "the parameter `source`"
        )
    plant = pipeline.open_plant(settings)
    with telling_of_trouble(plant):
        return pipeline.ingest(
            plant,
            wanted,
            line=line,
            prefect_run_id=flow_run.id,
            progress=run_progress(),
            announce=get_run_logger().info,
        )


@task(**PATIENT)
def learn(
    batch_id: int, effort: Effort, *, which: pipeline.Which = "all", patterns: Sequence[str] = ()
) -> str:
    """Retrain on a batch and publish what became of it; returns the run id."""
    plant = pipeline.open_plant()
    with telling_of_trouble(plant):
        run_id = pipeline.retrain(
            plant,
            batch_id,
            effort.options(),
            which=which,
            patterns=patterns,
            prefect_run_id=flow_run.id,
            progress=run_progress(),
            announce=lambda plan: get_run_logger().info("%s", plan),
            spread=spread_over_workers(effort),
        )
        show_learned(plant.engine, run_id)
    return run_id


@task(**PATIENT)
def judge(batch_id: int, effort: Effort) -> str:
    """Score a batch with the champions and publish the night; returns the run id."""
    plant = pipeline.open_plant()
    with telling_of_trouble(plant):
        run_id = pipeline.score(
            plant,
            batch_id,
            effort.options(),
            prefect_run_id=flow_run.id,
            progress=run_progress(),
            spread=spread_over_workers(effort),
        )
        show_night(plant.engine, run_id)
    return run_id


@contextmanager
def telling_of_trouble(plant: Plant) -> Iterator[None]:
    """Leave a note for people where a step was tried more than once, or had no Prefect server."""
    with lookout(server_answers) as absence:
        yield
    tries, away_s = task_run.run_count, absence.longest_s
    if tries == 1 and away_s < LONG_S:
        return
    with registry.unit_of_work(plant.engine) as session:
        if tries > 1:
            tell_delay(session, flow_run.flow_name, task_run.task_name, tries)
        if away_s >= LONG_S:
            tell_absence(session, flow_run.flow_name, away_s)
        session.commit()


def newest_batch(batch_id: int | None) -> int:
    """Return the batch asked for, or the newest; raises InputError where there is none."""
    if batch_id is not None:
        return batch_id
    plant = pipeline.open_plant()
    with registry.unit_of_work(plant.engine) as session:
        newest = registry.latest_batch(session)
    if newest is None:
        raise InputError("no batch has been ingested yet; run the ingest flow first")
    return newest
