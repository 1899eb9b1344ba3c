"""The synthetic factory: nights of unlabelled pictures whose truth is known."""

from .factory import Factory, write_factory
from .patterns import make_patterns
from .picture import draw, families
from .specs import Drawn, PatternSpec

__all__ = [
    "Drawn",
    "Factory",
    "PatternSpec",
    "draw",
    "families",
    "make_patterns",
    "write_factory",
]
