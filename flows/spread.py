"""Shards of a large batch, on the workers of the pool `shards`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from prefect.logging import get_run_logger

from flows import SHARDS
from flows.elsewhere import have_done
from technopro.errors import TechnoproError
from technopro.plant import Tick
from technopro.settings import Settings

if TYPE_CHECKING:
    from flows.steps import Effort
    from technopro.shards import Shard, Spread


def spread_over_workers(effort: Effort) -> Spread | None:
    """Return what has shards done as TECHNOPRO_SPREAD says; nothing where that is `never`."""
    wish = Settings().spread
    if wish == "never":
        return None

    def spread(shards: Sequence[Shard], tick: Tick) -> None:
        orders = [{"part": asdict(one), "effort": effort.model_dump()} for one in shards]
        try:
            have_done(SHARDS, orders, wish, tick)
        except TechnoproError as error:
            if wish == "wait":
                raise
            get_run_logger().warning("%s; what is missing is done here", error)

    return spread
