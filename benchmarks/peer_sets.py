"""Draw what the peers are measured on, and give them the product's backbone weights.

    python benchmarks/peer_sets.py FOLDER

Each surface of the accuracy benchmark becomes a folder of its own; the weights lie beside them.
"""

from __future__ import annotations

from pathlib import Path

import typer
from safetensors.torch import save_file

from technopro.features.weights import load_backbone
from technopro.synth import families, write_factory

BACKBONE = "tf_efficientnet_lite2"  # as in peers.py


def main(
    folder: Path, images: int = 115, defects: int = 15, size: int = 512, seed: int = 0
) -> None:
    """Draw all surfaces, those held out too."""
    for family in families():
        if not (folder / family / "truth.csv").exists():
            write_factory(
                folder / family,
                patterns=1,
                images_per_pattern=images,
                defects_per_pattern=defects,
                size=size,
                seed=1000 + seed,
                families=(family,),
                overwrite=True,
            )
    network, _ = load_backbone(BACKBONE)
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, folder / "backbone.safetensors")


if __name__ == "__main__":
    typer.run(main)
