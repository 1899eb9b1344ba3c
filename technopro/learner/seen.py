"""What a model said of the images it was learned from, kept with it.

Each was scored by the parts that had not seen it, as any other image would be; scoring it again
would cost its features once more and change it by rounding at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

HASH_BYTES = 32


def seen_tensors(hashes: Sequence[str], evidence: np.ndarray) -> dict[str, np.ndarray]:
    """Return SHA-256 (N, 32) uint8 and evidence (N,) float64, for the model's file."""
    digests = np.frombuffer(b"".join(map(bytes.fromhex, hashes)), np.uint8)
    return {
        "seen.sha256": digests.reshape(-1, HASH_BYTES),
        "seen.evidence": evidence.astype(np.float64),
    }


def restore_seen(tensors: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return evidence by SHA-256; empty for a model that keeps none."""
    digests = tensors.get("seen.sha256", np.zeros((0, HASH_BYTES), np.uint8))
    evidence = tensors.get("seen.evidence", np.zeros(0))
    return {row.tobytes().hex(): float(e) for row, e in zip(digests, evidence, strict=True)}
