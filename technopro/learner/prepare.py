"""From a pattern's images to views on disk, and to views of the same with defects drawn on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from technopro.features.ahead import read_ahead
from technopro.features.cache import FeatureCache
from technopro.features.extract import Extractor, batches
from technopro.features.looker import Load, Looker
from technopro.features.scratch import ViewFile
from technopro.features.sizing import resize
from technopro.features.views import FINEST, LEVELS, Lens, Raw, fit_lens, join, look
from technopro.fold import fold_of
from technopro.learner.plan import SAMPLE
from technopro.plant import Tick
from technopro.seeding.seed import Material
from technopro.seeding.synthetic import changed_share, draw_defects

CHUNK = 16


@dataclass(frozen=True)
class Images:
    """The images of one pattern: their identities, how to read one, and their common size."""

    hashes: Sequence[str]
    load: Load
    shape: tuple[int, int]  # height, width at which they are looked at
    cache: FeatureCache | None = None  # of what was seen of them before

    def stack(self, indices: Sequence[int]) -> np.ndarray:
        """Return (B, H, W, 3) uint8 at the common size."""
        return np.stack([resize(self.load(self.hashes[i]), self.shape) for i in indices])

    def looked_at(self, extractor: Extractor, parts: Sequence[Sequence[int]]) -> Iterator[Raw]:
        """Yield the raw features of each part's images."""
        named = [[self.hashes[i] for i in part] for part in parts]
        return Looker(extractor, self.load, self.cache).looks(named, self.shape)

    def folds(self, indices: Sequence[int]) -> torch.Tensor:
        return torch.tensor([fold_of(self.hashes[i]) for i in indices])


def learn_lens(images: Images, extractor: Extractor, seed: int) -> Lens:
    """Fit the whitening on a random sample of the images."""
    count = len(images.hashes)
    sample = np.random.default_rng([seed, 1]).permutation(count)[:SAMPLE].tolist()
    parts = [sample[part] for part in batches(len(sample), CHUNK)]
    return fit_lens(join(list(images.looked_at(extractor, parts))), seed)


def prepare(
    images: Images,
    lens: Lens,
    extractor: Extractor,
    drawn: int,
    folder: Path,
    seed: int,
    tick: Tick,
) -> Material:
    """Return the material for the seeds: the images, and the same with defects drawn on.

    Originals are dealt out evenly; every chance comes from `seed`.
    """
    count = len(images.hashes)
    rng = np.random.default_rng([seed, 2])
    rounds = [rng.permutation(count) for _ in range(-(-drawn // count))]
    source = np.concatenate(rounds)[:drawn]
    views, altered = (ViewFile(folder / name, extractor.device) for name in ("views", "drawn"))
    masks: list[np.ndarray] = []
    total = count + drawn
    own = [list(range(part.start, part.stop)) for part in batches(count, CHUNK)]
    for chosen, raw in zip(own, images.looked_at(extractor, own), strict=True):
        views.append(lens.views(raw, images.folds(chosen)))
        tick(len(views), total)
    grid = (images.shape[0] // LEVELS[FINEST], images.shape[1] // LEVELS[FINEST])

    def draw(before: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        after = np.stack([draw_defects(image, rng) for image in before])
        return after, [changed_share(b, a, grid) for b, a in zip(before, after, strict=True)]

    originals = [source[part].tolist() for part in batches(drawn, CHUNK)]
    drawings = read_ahead(read_ahead(originals, images.stack), draw, threads=1)
    for chosen, (after, changed) in zip(originals, drawings, strict=True):
        altered.append(lens.views(look(extractor, after), images.folds(chosen)))
        masks += changed
        tick(count + len(altered), total)
    return Material(views, altered, np.stack(masks), source, np.ones(count, bool))
