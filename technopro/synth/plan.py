"""What a synthetic factory is to contain: checked options, and every picture planned ahead."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np

from ..errors import InputError
from .patterns import make_patterns
from .picture import check_drawable, defect_kinds
from .specs import PatternSpec


@dataclass(frozen=True)
class Recipe:
    """Options of a factory; the same recipe always gives the same bytes."""

    patterns: int = 6
    images_per_pattern: int = 100  # in each night
    defects_per_pattern: int = 15  # in each night; not used where a share is given
    defect_share: float | None = None  # 0 to 1
    size: tuple[int, int] = (512, 512)  # height, width in pixels
    seed: int = 0
    defect_size: float = 1.0
    contrast: float = 1.0
    nights: int = 1
    drift: float = 0.0  # of the first pattern in the last night
    new_pattern: bool = False  # one more pattern, in the last night only
    families: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None  # of defects; None: all that a family shows

    def defects(self) -> int:
        """Return how many pictures of one pattern are defective in one night."""
        if self.defect_share is None:
            return self.defects_per_pattern
        return round(self.defect_share * self.images_per_pattern)

    def specs(self) -> list[PatternSpec]:
        """All patterns; the new one, if any, comes last."""
        chosen = self.families
        return make_patterns(self.patterns + self.new_pattern, self.seed, chosen)


@dataclass(frozen=True)
class Job:
    """One picture to draw."""

    id: str  # file stem; says nothing about the picture
    spec: PatternSpec
    index: int  # of the picture within its pattern, over all nights
    label: int  # 1 = defect
    drift: float


def checked(recipe: Recipe) -> Recipe:
    """Return the recipe, or raise InputError with what is wrong with it."""
    if recipe.images_per_pattern < 1 or recipe.nights < 1 or recipe.seed < 0:
        raise InputError(
            "a factory needs at least 1 image a pattern, 1 night and a seed of 0 or more, found "
            f"{recipe.images_per_pattern} images, {recipe.nights} nights, seed {recipe.seed}"
        )
    for spec in recipe.specs():
        check_drawable(spec.family, recipe.size, recipe.defect_size, recipe.contrast)
        defect_kinds(spec.family, recipe.kinds)
    if recipe.defect_share is not None and not 0 <= recipe.defect_share <= 1:
        raise InputError(f"the defect share must lie from 0 to 1, found {recipe.defect_share}")
    if not 0 <= recipe.defects() <= recipe.images_per_pattern:
        raise InputError(
            f"{recipe.defects()} defects do not fit into {recipe.images_per_pattern} images a "
            "pattern; ask for fewer defects or more images"
        )
    if recipe.nights == 1 and (recipe.drift or recipe.new_pattern):
        raise InputError("drift and a new pattern show over several nights; ask for 2 or more")
    return recipe


def plan_night(recipe: Recipe, night: int) -> list[Job]:
    """Return the pictures of one night (counted from 0), in the order of their ids."""
    specs = recipe.specs()
    if recipe.new_pattern and night < recipe.nights - 1:
        specs = specs[:-1]
    jobs = [job for number, spec in enumerate(specs) for job in _jobs(recipe, night, number, spec)]
    return sorted(jobs, key=lambda job: job.id)


def truth_text(jobs: list[Job]) -> str:
    """The contents of truth.csv."""
    rows = [f"{job.id},{job.spec.name},{job.label}" for job in jobs]
    return "\n".join(["id,pattern,label", *rows]) + "\n"


def _jobs(recipe: Recipe, night: int, number: int, spec: PatternSpec) -> list[Job]:
    count = recipe.images_per_pattern
    order = np.random.SeedSequence([recipe.seed, 9, night, number])
    damaged = set(np.random.default_rng(order).permutation(count)[: recipe.defects()].tolist())
    share = night / max(recipe.nights - 1, 1)
    drift = recipe.drift * share if number == 0 else 0.0
    ids = _ids(recipe, night, number)
    return [Job(ids[i], spec, night * count + i, int(i in damaged), drift) for i in range(count)]


def _ids(recipe: Recipe, night: int, number: int) -> list[str]:
    """Opaque names: a letter (so that no table reader sees a number) and 15 hexadecimal digits."""
    options = asdict(recipe)
    if recipe.kinds is None:  # came later; older factories keep their names
        options.pop("kinds")
    basis = json.dumps([options, night, number], sort_keys=True)
    names = (f"{basis}/{i}".encode() for i in range(recipe.images_per_pattern))
    return ["x" + hashlib.sha256(name).hexdigest()[:15] for name in names]
