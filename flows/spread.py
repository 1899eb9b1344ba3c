"""Shards of a large batch, on the workers of the pool `shards`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from prefect.logging import get_run_logger

from flows import SHARDS
from flows.elsewhere import have_done, workers_there
from technopro.errors import TechnoproError
from technopro.plant import Tick
from technopro.settings import Elsewhere, Settings

if TYPE_CHECKING:
    from flows.steps import Effort
    from technopro.shards import Shard


@dataclass(frozen=True)
class OverWorkers:
    """Hands shards to Prefect."""

    effort: Effort
    wish: Elsewhere

    @property
    def workers(self) -> int:
        """How many workers of the pool answer."""
        return workers_there(SHARDS)

    def __call__(self, shards: Sequence[Shard], tick: Tick) -> None:
        """Have them done; under `prefer` one that fails is left to who asked."""
        orders = [{"part": asdict(one), "effort": self.effort.model_dump()} for one in shards]
        try:
            have_done(SHARDS, orders, self.wish, tick)
        except TechnoproError as error:
            if self.wish == "wait":
                raise
            get_run_logger().warning("%s; what is missing is done here", error)


def spread_over_workers(effort: Effort) -> OverWorkers | None:
    """Return what has shards done as TECHNOPRO_SPREAD says; nothing where that is `never`."""
    wish = Settings().spread
    return None if wish == "never" else OverWorkers(effort, wish)
