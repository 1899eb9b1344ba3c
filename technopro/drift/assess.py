"""All comparisons of one night with the reference, and one budget of false alarms for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from technopro.drift.control import settle
from technopro.drift.embedding import compare_embeddings
from technopro.drift.figure import DriftFigure, Finding
from technopro.drift.mix import compare_mix
from technopro.drift.novelty import find_novel
from technopro.drift.sample import Night, PatternSample, Reference
from technopro.drift.scores import compare_scores
from technopro.drift.trend import FEWEST_NIGHTS, find_trend
from technopro.patterns.discover import FEWEST


def assess(tonight: Night, reference: Reference, seed: int) -> list[DriftFigure]:
    """Return every figure that tonight and the reference nights have enough images for.

    The mix comes first, then scores and embeddings by pattern, then novelty. Images of a new
    pattern are taken out before the others are compared: they say nothing of the pattern they were
    put to. A pattern is compared if it has FEWEST images tonight and on some reference night. The
    expected number of false `drifted` in thirty nights is below one over all figures together (see
    `control.settle`). Without images or reference nights there is one steady figure that says so.
    The same images, seed and nights give the same figures in whatever order the images come.

    Raises InputError for values that are not finite or from different backbones.
    """
    nights = tuple(night for night in reference.nights if night.images)
    if not nights or not tonight.images:
        return [_nothing("There are no images tonight." if nights else NO_REFERENCE)]
    reference = Reference(nights)
    tonight = replace(tonight, patterns=dict(sorted(tonight.patterns.items())))
    tonight, novelty = _novelty(tonight, reference, seed)
    mix = compare_mix(tonight.counts, [night.counts for night in nights], seed)
    by_pattern = [f for name in tonight.patterns for f in _pattern(name, tonight, reference, seed)]
    return settle([*mix, *by_pattern, *novelty])


NO_REFERENCE = "There are no reference nights yet: nothing to compare with."


def _pattern(name: str, tonight: Night, reference: Reference, seed: int) -> list[Finding]:
    """Compare the scores and the pictures of one pattern, where there are enough of them."""
    sample, found = tonight.patterns[name], []
    scores, embeddings = reference.evidence(name), reference.embeddings(name)
    if len(sample.evidence) >= FEWEST and scores:
        found.append(compare_scores(name, sample.evidence, scores, seed))
    if len(sample.embeddings) >= FEWEST and embeddings:
        found.append(compare_embeddings(name, sample.embeddings, embeddings, seed))
        if len(embeddings) + 1 >= FEWEST_NIGHTS:
            found.append(find_trend(name, [*embeddings, sample.embeddings], seed))
    return found


def _novelty(tonight: Night, reference: Reference, seed: int) -> tuple[Night, list[Finding]]:
    """Return the night without images of a new pattern, and what was found of such images.

    Patterns that were on no reference night have just been learned: they are known, not novel.
    """
    nights = {name: reference.embeddings(name) for name in reference.patterns}
    known = {name: np.concatenate(parts) for name, parts in nights.items() if parts}
    heard = Night({n: s for n, s in tonight.patterns.items() if n in known}, tonight.odd)
    points = heard.looks()
    if not known or len(points) == 0:
        return tonight, []
    looks = [night.looks() for night in reference.nights]
    novelty = find_novel(points, known, looks, seed)
    left = _without(heard, novelty.groups[: len(heard.embeddings())] >= 0)
    return Night({**tonight.patterns, **left.patterns}, tonight.odd), [novelty.finding]


def _without(tonight: Night, rows: np.ndarray) -> Night:
    """Take the images of an (N,) mask over all embeddings out of the night."""
    left: dict[str, PatternSample] = {}
    start = 0
    for name, sample in tonight.patterns.items():
        held = len(sample.embeddings)
        left[name] = sample.without(rows[start : start + held]) if held else sample
        start += held
    return replace(tonight, patterns=left)


def _nothing(words: str) -> DriftFigure:
    nothing = Finding("mix", None, "psi", 0.0, None, None, None, words, words)
    return settle([nothing])[0]
