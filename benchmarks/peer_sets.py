"""Draw what the peers are measured on, and give them the product's backbone weights.

    python benchmarks/peer_sets.py FOLDER

The surfaces of `accuracy.py`, suites `drawn` and `held`, image for image; the weights lie beside.
"""

from __future__ import annotations

from pathlib import Path

import accuracy
import typer
from safetensors.torch import save_file

from technopro.features.weights import load_backbone

BACKBONE = "tf_efficientnet_lite2"  # as in peers.py


def main(folder: Path, seed: int = 0) -> None:
    """Draw all surfaces, those held out too."""
    for suite in ("drawn", "held"):
        for cell in accuracy.cells(suite, seed, "standard", None):
            (family,) = cell.families
            own = folder / family
            if not (own / "truth.csv").exists():
                accuracy.draw(cell, own)
    network, _ = load_backbone(BACKBONE)
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, folder / "backbone.safetensors")


if __name__ == "__main__":
    typer.run(main)
