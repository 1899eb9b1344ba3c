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
        """Yield the raw features of each part's images, the pixels of those to come read ahead."""
        pixels = read_ahead(parts, partial(self._missing, shape))
        for part, missing in zip(parts, pixels, strict=True):
            yield self._whole(part, shape, missing)

    def _missing(self, shape: Shape, part: Sequence[str]) -> dict[str, np.ndarray]:
        """Return the pixels of images whose features are not there."""
        cache = self.cache
        return {
            h: self._pixels(h, shape)
            for h in part
            if cache is None or not cache.has(self._name(h, shape))
        }

    def _whole(self, part: Sequence[str], shape: Shape, missing: dict[str, np.ndarray]) -> Raw:
        if self.cache is None:
            return look(self.extractor, np.stack(list(missing.values())))
        kept = {
            h: raw
            for h in part
            if h not in missing and (raw := self.cache.get(self._name(h, shape))) is not None
        }
        new = [h for h in part if h not in kept]  # what was damaged or let go meanwhile too
        if not new:
            return join([kept[h] for h in part])
        pixels = [missing[h] if h in missing else self._pixels(h, shape) for h in new]
        seen = look(self.extractor, np.stack(pixels))
        for sha256, raw in zip(new, seen.single(), strict=True):
            if self.keeps:
                self.cache.put(self._name(sha256, shape), raw)
            kept[sha256] = raw
        return seen if len(new) == len(part) else join([kept[h] for h in part])

    def _pixels(self, sha256: str, shape: Shape) -> np.ndarray:
        return resize(self.load(sha256), shape)

    def _name(self, sha256: str, shape: Shape) -> str:
        return feature_name(self.extractor, shape, sha256)
