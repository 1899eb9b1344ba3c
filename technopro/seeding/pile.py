"""Vectors gathered from many views."""

from __future__ import annotations

import torch


class Pile:
    """Vectors collected in one piece; small ones kept would hold room among a chunk's maps."""

    def __init__(self) -> None:
        self._room = torch.zeros(0, 0)
        self._count = 0

    @property
    def vectors(self) -> torch.Tensor:
        return self._room[: self._count]

    def add(self, vectors: torch.Tensor) -> None:
        end = self._count + len(vectors)
        if end > len(self._room) or not self._room.shape[1]:
            larger = vectors.new_empty(2 * end, vectors.shape[1])
            larger[: self._count, : self._room.shape[1]] = self.vectors
            self._room = larger
        self._room[self._count : end] = vectors
        self._count = end
