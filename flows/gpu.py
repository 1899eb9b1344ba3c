"""Learning on a worker with a GPU, where the plant has one."""

from __future__ import annotations

from flows import ON_GPU
from flows.elsewhere import have_done
from flows.steps import Effort, learn
from technopro.pipeline import Which
from technopro.settings import Settings


def learn_where_wished(batch_id: int, effort: Effort, which: Which) -> None:
    """Learn here or on a worker of the pool `gpu`, as TECHNOPRO_GPU says.

    Raises TechnoproError where learning there failed.
    """
    order = {"batch_id": batch_id, "effort": effort.model_dump(), "which": which}
    if not have_done(ON_GPU, [order], Settings().gpu, lambda _done, _total: None):
        learn(batch_id, effort, which=which)
