"""Letting go what an audit does not need, see docs/decisions/0015-retention.md.

The row lets go first, then the object is deleted: a crash between the two leaves an object that
nothing speaks of, which `technopro maintain --delete` removes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from technopro import registry
from technopro.errors import InputError
from technopro.plant import Plant, Progress, quiet
from technopro.registry import retention
from technopro.registry.retention import OldNight, RefusedModel, Retention
from technopro.running import open_run
from technopro.store import ObjectStore


@dataclass(frozen=True)
class Pruned:
    """What may go, or went."""

    nights: int  # with heat maps
    heat_maps: int
    models: int
    size_bytes: int


def prune(
    plant: Plant,
    keep: Retention,
    *,
    really: bool = False,
    actor: str = "prune",
    progress: Progress = quiet,
) -> Pruned:
    """Count what lies beyond the retention; with `really`, let it go and note it.

    Raises InputError for a retention of no night or no day: the newest is always kept.
    """
    if keep.nights < 1 or keep.days < 1:
        raise InputError(
            f"expected to keep one night and one day at least, found {keep.nights} and {keep.days}"
        )
    with registry.unit_of_work(plant.engine) as session:
        nights = retention.old_nights(session, keep)
        models = retention.refused_models(session, keep)
    heat_maps = sum(len(night.heat_keys) for night in nights)
    size = _size(plant.store, nights, models)
    pruned = Pruned(len(nights), heat_maps, len(models), size)
    if really:
        _let_go(plant, keep, nights, models, pruned, actor, progress)
    return pruned


def _let_go(
    plant: Plant,
    keep: Retention,
    nights: Sequence[OldNight],
    models: Sequence[RefusedModel],
    pruned: Pruned,
    actor: str,
    progress: Progress,
) -> None:
    parameters = {"prune": True, "keep_nights": keep.nights, "keep_days": keep.days}
    with open_run(plant, "maintain", parameters) as run:
        for number, night in enumerate(nights, 1):
            with registry.unit_of_work(plant.engine) as session:
                retention.let_heat_go(session, night, actor)
                session.commit()
            _delete(plant.store, night.heat_keys)
            progress("heat maps of old nights", number, len(nights))
        with registry.unit_of_work(plant.engine) as session:
            retention.let_weights_go(session, models, actor)
            session.commit()
        _delete(plant.store, [model.key for model in models])
        run.lap("pruning")
        run.figures |= {"heat_maps": pruned.heat_maps, "models": pruned.models,
                        "bytes": pruned.size_bytes}  # fmt: skip


def _delete(store: ObjectStore, keys: Sequence[str]) -> None:
    for key in keys:
        store.delete(key)


def _size(store: ObjectStore, nights: Sequence[OldNight], models: Sequence[RefusedModel]) -> int:
    """Return how many bytes these objects take."""
    size = sum(one.size_bytes for model in models for one in store.list(model.key))
    for night in nights:
        keys = set(night.heat_keys)
        listed = store.list(f"heat/{night.run_id}/")
        size += sum(one.size_bytes for one in listed if one.key in keys)
    return size
