"""What others make of the same sets: Anomalib's PaDiM and PatchCore, and mutual scoring.

    make peers                                      # the peers' own environment, drawn sets
    python benchmarks/peers.py --weights W --results R FOLDER ...

Runs in an environment of its own (see the Makefile); a folder has images/ and truth.csv. Each peer
gets the same backbone weights and the same contaminated images, which it scores afterwards, and one
gift the product does not get: the true patterns.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from anomalib.models.image.padim.torch_model import PadimModel
from anomalib.models.image.patchcore.torch_model import PatchcoreModel
from PIL import Image
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score
from torch.nn import functional as F

BACKBONE = "tf_efficientnet_lite2"
LAYERS = ["blocks.1", "blocks.2", "blocks.4"]  # strides 4, 8, 16
MEAN = STD = 0.5  # as the weights were trained with
BATCH = 8
CORESET = 500  # patches; one core takes a seventh of a second for each …
THIN = 4  # … out of every fourth patch
GROUP = 115  # images that are compared with each other: the work grows with the square


def padim(images: torch.Tensor, weights: Path) -> np.ndarray:
    """Fit PaDiM on all images, then score them."""
    torch.manual_seed(0)
    model = PadimModel(backbone=BACKBONE, layers=LAYERS, pre_trained=False, n_features=100)
    return _fit_and_score(model, images, weights)


def patchcore(images: torch.Tensor, weights: Path) -> np.ndarray:
    """Fit PatchCore, with a coreset of 500 of every fourth patch, on all images, then score."""
    torch.manual_seed(0)
    model = PatchcoreModel(backbone=BACKBONE, layers=LAYERS[1:], pre_trained=False)
    return _fit_and_score(model, images, weights)


def mutual(images: torch.Tensor, weights: Path) -> np.ndarray:
    """Score patches by their nearest patches in other images (after MuSc, ICLR 2024).

    The mean of the lowest 30 % of the distances to other images, the worst patch counts. As in
    the paper's section on its cost, images are compared within groups, here of about 115.
    """
    model = PatchcoreModel(backbone=BACKBONE, layers=LAYERS[1:], pre_trained=False)
    _load(model, weights)
    model.eval()
    with torch.inference_mode():
        parts = []
        for batch in images.split(BATCH):
            stages = model.feature_extractor(batch)
            features = model.generate_embedding(stages)
            parts.append(F.adaptive_avg_pool2d(F.avg_pool2d(features, 3, 1, 1), 24).half())
        x = F.normalize(torch.cat(parts).float().flatten(2).transpose(1, 2), dim=2)
        scores, groups = np.zeros(len(x)), max(1, round(len(x) / GROUP))
        for group in range(groups):
            scores[group::groups] = _among_each_other(x[group::groups])
    return scores


def _among_each_other(x: torch.Tensor) -> np.ndarray:
    """Return each image's score among the others of x, (images, patches, channels)."""
    scores, kept = np.zeros(len(x)), max(1, round(0.3 * (len(x) - 1)))
    for i, own in enumerate(x):
        nearest = torch.stack([(own @ other.T).amax(1) for j, other in enumerate(x) if j != i])
        scores[i] = float((1 - nearest.topk(kept, dim=0).values.mean(0)).max())
    return scores


PEERS = {"PaDiM": padim, "PatchCore": patchcore, "mutual": mutual}


def _fit_and_score(model: torch.nn.Module, images: torch.Tensor, weights: Path) -> np.ndarray:
    _load(model, weights)
    model.train()
    with torch.no_grad():
        for batch in images.split(BATCH):
            model(batch)
        if isinstance(model, PatchcoreModel):
            model.embedding_store = [part[::THIN] for part in model.embedding_store]
            model.subsample_embedding(CORESET / sum(len(part) for part in model.embedding_store))
        else:
            model.fit()
        model.eval()
        return np.concatenate(
            [np.asarray(model(batch).pred_score.flatten()) for batch in images.split(BATCH)]
        )


def _load(model: torch.nn.Module, weights: Path) -> None:
    backbone = model.feature_extractor.feature_extractor
    missing, _ = backbone.load_state_dict(load_file(weights), strict=False)
    if missing:
        raise RuntimeError(f"{weights} lacks {len(missing)} tensors, the first is {missing[0]}")


def _read(paths: list[Path], size: int) -> torch.Tensor:
    pictures = [
        np.asarray(Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BICUBIC))
        for path in paths
    ]
    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return (x - MEAN) / STD


def _done(results: Path) -> set[tuple[str, str, str, int]]:
    lines = results.read_text().splitlines() if results.exists() else []
    rows = map(json.loads, lines)
    return {(row["set"], row["pattern"], row["peer"], row["size"]) for row in rows}


def main(
    folders: Annotated[list[Path], typer.Argument(help="Labelled sets.")],
    weights: Annotated[Path, typer.Option(help="The backbone, as safetensors.")],
    results: Annotated[Path, typer.Option(help="A JSON line a set, pattern and peer.")],
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
    peers: Annotated[str, typer.Option(help="With commas.")] = ",".join(PEERS),
) -> None:
    """Measure the peers on every pattern of every folder, but for what `results` has already."""
    done = _done(results)
    for folder in folders:
        truth = pd.read_csv(folder / "truth.csv", dtype={"id": str, "pattern": str})
        files = {p.stem: p for p in (folder / "images").rglob("*") if p.is_file()}
        for pattern, rows in truth.groupby("pattern"):
            asked = [p for p in peers.split(",") if (folder.name, pattern, p, size) not in done]
            if not asked:
                continue
            images = _read([files[i.rsplit("/", 1)[-1]] for i in rows["id"]], size)
            for peer in asked:
                started = time.perf_counter()
                auc = roc_auc_score(rows["label"], PEERS[peer](images, weights))
                line = {"set": folder.name, "pattern": pattern, "peer": peer, "size": size,
                        "images": len(rows), "auc": round(float(auc), 4),
                        "seconds": round(time.perf_counter() - started, 1)}  # fmt: skip
                typer.echo(json.dumps(line))
                with results.open("a") as out:
                    out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    typer.run(main)
