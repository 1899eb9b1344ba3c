"""Nights drawn for the tests of drift: products in varying numbers, under varying light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technopro.drift.sample import Night, PatternSample, Reference

SHARES = {"p-a": 0.4, "p-b": 0.3, "p-c": 0.2, "p-d": 0.1}
CHANNELS = 12
CENTRES = {
    name: centre * 4
    for name, centre in zip(
        SHARES, np.random.default_rng(5).normal(size=(4, CHANNELS)), strict=True
    )
}


@dataclass(frozen=True)
class Plant:
    """How nights are drawn; the defaults are a plant on which nothing changes."""

    images: int = 240
    concentration: float = 60.0  # of the Dirichlet law of the mix; a multinomial's is infinite
    restless: float = 0.1  # how far scores and pictures move from night to night, in spreads
    shares: tuple[float, ...] = tuple(SHARES.values())
    lift: float = 0.0  # of the scores of p-a, in spreads
    tint: float = 0.0  # of the pictures of p-a, in spreads

    def night(self, rng: np.random.Generator) -> Night:
        """Return one night of all four patterns."""
        mix = rng.dirichlet(self.concentration * np.array(self.shares))
        counts = rng.multinomial(self.images, mix)
        return Night({n: self._sample(n, int(c), rng) for n, c in zip(SHARES, counts, strict=True)})

    def _sample(self, name: str, count: int, rng: np.random.Generator) -> PatternSample:
        lift, tint = (self.lift, self.tint) if name == "p-a" else (0.0, 0.0)
        evidence = rng.gumbel(lift + self.restless * rng.normal(), 1, count)
        light = tint + self.restless * rng.normal(size=CHANNELS)
        pictures = CENTRES[name] + light + rng.normal(size=(count, CHANNELS))
        return PatternSample(count, evidence, pictures)

    def reference(self, nights: int, rng: np.random.Generator) -> Reference:
        """Return so many nights."""
        return Reference(tuple(self.night(rng) for _ in range(nights)))
