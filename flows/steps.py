"""The parameters and the tasks that the flows share; only ids pass between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from flows.progress import run_progress
from technopro import pipeline, registry
from technopro.errors import InputError
from technopro.plant import Options
from technopro.settings import Device, Profile, Settings


class Effort(BaseModel):
    """How a run learns; validated before anything starts."""

    model_config = ConfigDict(extra="forbid")

    seed: int = Field(default=0, ge=0)
    device: Device = "auto"
    profile: Profile = "standard"
    threads: int = Field(default=0, ge=0, le=256)

    def options(self) -> Options:
        return Options(self.seed, self.device, self.profile, self.threads)


@task(retries=3, retry_delay_seconds=[10, 60, 300], retry_jitter_factor=0.5, cache_policy=NO_CACHE,
      retry_condition_fn=lambda _task, _run, state: _may_pass(state))  # fmt: skip
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
    return pipeline.ingest(
        plant,
        wanted,
        line=line,
        prefect_run_id=flow_run.id,
        progress=run_progress(),
        announce=get_run_logger().info,
    )


def _may_pass(state: State[Any]) -> bool:
    """Retry what time may heal, not a wrong path."""
    try:
        state.result(raise_on_failure=True)
    except InputError:
        return False
    except Exception:
        return True
    return False


@task(cache_policy=NO_CACHE)
def learn(
    batch_id: int, effort: Effort, *, which: pipeline.Which = "all", patterns: Sequence[str] = ()
) -> str:
    """Retrain on a batch; returns the run id."""
    return pipeline.retrain(
        pipeline.open_plant(),
        batch_id,
        effort.options(),
        which=which,
        patterns=patterns,
        prefect_run_id=flow_run.id,
        progress=run_progress(),
        announce=lambda plan: get_run_logger().info("%s", plan),
    )


@task(cache_policy=NO_CACHE)
def judge(batch_id: int, effort: Effort) -> str:
    """Score a batch with the champions and publish the table; returns the run id."""
    plant = pipeline.open_plant()
    run_id = pipeline.score(
        plant,
        batch_id,
        effort.options(),
        prefect_run_id=flow_run.id,
        progress=run_progress(),
    )
    with registry.unit_of_work(plant.engine) as session:
        night = registry.night(session, run_id)
    create_table_artifact(
        key="night",
        description="Defects a pattern; the share is an estimate with its 90 % interval.",
        table=[
            {
                "pattern": n.pattern,
                "images": n.images,
                "share": f"{n.defect_share.estimate:.1%}",
                "from": f"{n.defect_share.low:.1%}",
                "to": f"{n.defect_share.high:.1%}",
                "flagged": n.flagged,
                "threshold": n.threshold,
                "own AUC estimate": f"{n.quality.estimate:.3f}",
                "separable": n.separable,
                "model": n.model_version,
            }
            for n in night
        ],
    )
    return run_id


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
