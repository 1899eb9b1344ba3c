"""Where an image and its thumbnail lie in the object store."""

from __future__ import annotations


def image_key(sha256: str) -> str:
    """Return the key of the original bytes."""
    return f"images/{sha256[:2]}/{sha256}"


def thumb_key(sha256: str) -> str:
    """Return the key of the thumbnail, a PNG."""
    return f"thumbs/{sha256[:2]}/{sha256}.png"
