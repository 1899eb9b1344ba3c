"""Stored images looked at by name: features that are kept are read, all others computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from technopro.features.ahead import read_ahead
from technopro.features.cache import FeatureCache, feature_name
from technopro.features.extract import Extractor
from technopro.features.sizing import resize
from technopro.features.views import Raw, join, look

Load = Callable[[str], np.ndarray]  # SHA-256 -> (H, W, 3) uint8
Shape = tuple[int, int]  # height, width at which images are looked at


@dataclass(frozen=True)
class Looker:
    """The backbone before a store of images, with what it remembers of them, if anything."""

    extractor: Extractor
    load: Load
    cache: FeatureCache | None = None
    keeps: bool = True  # what it computes; else the cache is only read

    def look(self, hashes: Sequence[str], shape: Shape) -> Raw:
        """Return the raw features of images at a common size."""
        (raw,) = self.looks([hashes], shape)
        return raw

    def looks(self, parts: Sequence[Sequence[str]], shape: Shape) -> Iterator[Raw]:
        """Yield the raw features of each part's images, those to come being read meanwhile."""
        read = read_ahead(parts, partial(self._read, shape))
        for part, (kept, missing) in zip(parts, read, strict=True):
            yield self._whole(part, shape, kept, missing)

    def _read(self, shape: Shape, part: Sequence[str]) -> tuple[dict[str, Raw], np.ndarray | None]:
        """Return the features that are kept, and the pixels of all other images."""
        kept = {h: raw for h in part if (raw := self._kept(h, shape)) is not None}
        missing = [resize(self.load(h), shape) for h in part if h not in kept]
        return kept, np.stack(missing) if missing else None

    def _kept(self, sha256: str, shape: Shape) -> Raw | None:
        if self.cache is None:
            return None
        return self.cache.get(feature_name(self.extractor, shape, sha256), self.extractor.device)

    def _whole(
        self, part: Sequence[str], shape: Shape, kept: dict[str, Raw], missing: np.ndarray | None
    ) -> Raw:
        if missing is None:
            return join([kept[h] for h in part])
        seen = look(self.extractor, missing)
        if self.cache is None or not (kept or self.keeps):
            return seen
        new = dict(zip((h for h in part if h not in kept), seen.single(), strict=True))
        if self.keeps:
            for sha256, raw in new.items():
                self.cache.put(feature_name(self.extractor, shape, sha256), raw)
        return join([kept[h] if h in kept else new[h] for h in part])
