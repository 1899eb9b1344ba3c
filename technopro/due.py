"""Which patterns of a batch are learned, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum

from technopro.bench import Bench
from technopro.drifting import Assessment
from technopro.patterns.recognise import Identity
from technopro.registry import ModelRow

GROWN = 2  # times as many images as the champion learned from are worth learning from


class Reason(StrEnum):
    """Why a pattern is learned."""

    ASKED = "asked"
    NEW = "new"
    JOINED = "joined"  # people merged another into it
    BACKBONE = "backbone"  # its champion knows other features
    GROWN = "grown"  # many more images than its champion learned from
    DRIFTED = "drifted"  # it is the same pattern, but looks or scores otherwise


Due = Callable[[Identity, Sequence[int]], Reason | None]  # by its sound images; None: it is not


def always(_identity: Identity, _sound: Sequence[int]) -> Reason:
    """Learn every pattern."""
    return Reason.ASKED


def among(
    names: Collection[str], due: Due, identity: Identity, sound: Sequence[int]
) -> Reason | None:
    """Learn what is due of these patterns."""
    return due(identity, sound) if identity.name in names else None


def if_new(
    champions: Mapping[str, ModelRow], one: Identity, _sound: Sequence[int]
) -> Reason | None:
    """Learn a pattern that has no champion."""
    return None if one.name in champions else Reason.NEW


def if_changed(
    bench: Bench,
    champions: Mapping[str, ModelRow],
    assessment: Assessment,
    one: Identity,
    sound: Sequence[int],
) -> Reason | None:
    """Learn a pattern that is new, joined anew, changed, or grown much."""
    if one.name not in champions:
        return Reason.NEW
    champion = champions[one.name]
    if one.name not in one.parts:
        return None  # a night of nothing but what was merged into it
    if any(name in champions for name in one.parts if name != one.name):
        return Reason.JOINED
    if champion.backbone.sha256 != bench.extractor.backbone.sha256:
        return Reason.BACKBONE
    if len(sound) >= GROWN * int(champion.recipe["images"]):
        return Reason.GROWN
    return Reason.DRIFTED if assessment.drifted(one.name) else None
