"""Has anything changed tonight? Pure statistics on counts, scores and embeddings."""

from technopro.drift.assess import assess
from technopro.drift.figure import DriftFigure, Level
from technopro.drift.novelty import Novelty, find_novel
from technopro.drift.sample import Night, PatternSample, Reference

__all__ = [
    "DriftFigure",
    "Level",
    "Night",
    "Novelty",
    "PatternSample",
    "Reference",
    "assess",
    "find_novel",
]
