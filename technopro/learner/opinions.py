"""What fitted seeds and Swins say of whole images, and how that becomes one opinion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from technopro.decision.judge import agreed_share
from technopro.decision.mixture import Sample
from technopro.features.scratch import ViewFile
from technopro.features.views import Views
from technopro.seeding.combine import (
    Combination,
    Scores,
    agreement,
    by_skill,
    combine,
    detects,
    matched,
)
from technopro.seeding.places import ADDED, PLACES, Places, fit_places
from technopro.seeding.seed import FittedSeed, better_half, worst_positions

FORGIVEN = 0.005  # ROC-AUC on drawn defects
ASIDE = "added"  # the name under which maps that are to be added lie beside the features
Maps = Mapping[str, torch.Tensor]  # name -> (B, h, w)


@dataclass(frozen=True)
class Opinions:
    """Scores by name, of whole images and of the better half of each: (N,) float32."""

    whole: dict[str, np.ndarray]
    half: dict[str, np.ndarray]


class _Summary:
    """Opinions of `count` images, whose maps come some at a time."""

    def __init__(self, count: int) -> None:
        self.opinions = Opinions({}, {})
        self._count, self._done = count, 0

    def add(self, maps: Maps) -> None:
        part = slice(self._done, self._done + len(next(iter(maps.values()))))
        kinds = ((self.opinions.whole, worst_positions), (self.opinions.half, better_half))
        for name, own in maps.items():
            for scores, summary in kinds:
                scores.setdefault(name, np.zeros(self._count, np.float32))
                scores[name][part] = summary(own).cpu().numpy()
        self._done = part.stop


@dataclass(frozen=True)
class Heard:
    """How maps are added place by place, and what the seeds say of tonight's and drawn images."""

    places: Places
    own: Opinions
    drawn: Opinions


def seed_maps(seeds: Mapping[str, FittedSeed], views: Views) -> dict[str, torch.Tensor]:
    """Return every seed's maps of these images, by name."""
    return {name: m for seed in seeds.values() for name, m in seed.maps(views).items()}


def opinions(seeds: Mapping[str, FittedSeed], views: ViewFile) -> Opinions:
    """Return every seed's opinion of every image, streamed."""
    summary = _Summary(len(views))
    for view in views.chunks():
        summary.add(seed_maps(seeds, view))
    return summary.opinions


def hear(
    seeds: Mapping[str, FittedSeed], images: ViewFile, drawn: ViewFile, told: np.ndarray
) -> Heard:
    """Return what the seeds say, some of their maps added place by place.

    A map weighs by how well it agrees with the plain sum of all, or with what people `told`:
    (N,) soft labels, NaN where nobody looked.
    """
    alone = _Summary(len(images))
    images.attach(ASIDE, _laid_aside(seeds, images, alone))
    own = alone.opinions
    alike = fit_places(own.whole, dict.fromkeys(ADDED, 1 / len(ADDED)))
    reference = _added(alike, images).whole[PLACES]
    skill = {name: agreement(own.whole[name], reference, told) for name in ADDED}
    places = fit_places(own.whole, by_skill(skill))
    together = _added(places, images)
    odd = _Summary(len(drawn))
    for view in drawn.chunks():
        maps = seed_maps(seeds, view)
        odd.add({**maps, PLACES: places(maps)})
    own = Opinions({**own.whole, **together.whole}, {**own.half, **together.half})
    return Heard(places, own, odd.opinions)


def _laid_aside(
    seeds: Mapping[str, FittedSeed], images: ViewFile, summary: _Summary
) -> Iterator[torch.Tensor]:
    for view in images.chunks():
        maps = seed_maps(seeds, view)
        summary.add(maps)
        yield torch.stack([maps[name] for name in ADDED], 3)


def _added(places: Places, images: ViewFile) -> Opinions:
    summary = _Summary(len(images))
    for view in images.chunks():
        maps = dict(zip(ADDED, view.maps[ASIDE].unbind(3), strict=True))
        summary.add({PLACES: places(maps)})
    return summary.opinions


def blended(own: Scores, told: np.ndarray) -> Combination:
    """Weigh opinions by how well each finds what the maps added place by place find worst.

    The sum counts for each of the maps that it is made of. Where people `told`, that counts.
    """
    skill = {n: agreement(s, own[PLACES], told) for n, s in own.items() if n != PLACES}
    weights = by_skill(skill)
    alone = {name: weight for name, weight in weights.items() if name not in ADDED}
    return combine(own, {PLACES: sum(weights[name] for name in ADDED), **alone}, skill)


def better_blend(own: Scores, drawn: Scores, told: np.ndarray) -> Combination:
    """Let the Swin into the blend only where the blend then finds drawn defects hardly worse.

    Every drawn defect is scored by heads and Swins that saw neither it nor its original. The other
    opinions learned from such defects too, and the Swin from what stands out tonight, so a little
    is forgiven.
    """
    before = blended({name: s for name, s in own.items() if name != "swin"}, told)
    after = blended(own, told)
    lost = detects(before(own), before(drawn)) - detects(after(own), after(drawn))
    return before if lost > FORGIVEN else after


def usual(blend: Combination, half: Scores, own: Scores, proven: float = 0.0) -> np.ndarray:
    """Return (N,): the evidence that these images would have without a defect.

    Each opinion of the better halves is brought to the scale of whole images, then the blend. An
    opinion without one is taken to say what the others do. On a night of many defects whole images
    are odder than sound ones: how many there are at least is told as if there were none, unless a
    larger share, 0 to 0.5, is `proven`.
    """
    as_if_none = _usual(blend, half, own, 0.0)
    share = max(proven, agreed_share(Sample(blend(own), as_if_none)))
    return _usual(blend, half, own, share) if share > 0 else as_if_none


def _usual(blend: Combination, half: Scores, own: Scores, share: float) -> np.ndarray:
    sound = {n: matched(half[n], own[n], share) for n in blend.weights if n in half}
    by = [blend.weights[name] for name in sound]
    scores = [blend.scales[name](score) for name, score in sound.items()]
    rest = np.average(scores, axis=0, weights=by if any(by) else None)
    for name in blend.weights.keys() - half.keys():
        sound[name] = matched(rest, own[name], share)
    return matched(blend(sound), blend(own), share)
