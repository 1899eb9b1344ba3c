"""Train the small Swin once, on textures made here, so that a night starts from what all share.

    python scripts/pretrain_swin.py collect --folder F
    python scripts/pretrain_swin.py train --folder F --out swin_small.safetensors

Every texture is a made-up product pattern: its images go through the packaged backbone and the
Gaussian seeds, as a night's do, and half of them have a defect drawn on. The Swin learns on all
textures at once to tell the two apart from their distance maps. The textures are none of those
that the synthetic factory draws, so nothing measured there was learned from here.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import safetensors.torch
import torch
import typer
from torch.nn import functional as F

from technopro.features.extract import Extractor, native_precision, open_extractor
from technopro.learner.prepare import Images, learn_lens, prepare
from technopro.pseudolabel.augment import turn_and_flip
from technopro.pseudolabel.inputs import Machine
from technopro.pseudolabel.swin import build_swin, map_input, swin_recipe
from technopro.seeding.bank import GaussianBank
from technopro.seeding.combine import detects

CPU = torch.device("cpu")
SIDE = 384
IMAGES = 48  # a texture, and as many with a drawn defect
BATCH, LEARNING_RATE, WEIGHT_DECAY = 64, 5e-4, 0.05


@dataclass(frozen=True)
class Texture:
    """A random product surface; every image of it is another cut of the same statistics."""

    seed: int

    def image(self, number: int) -> np.ndarray:
        """Return a (SIDE, SIDE, 3) uint8 image."""
        own, rng = (
            np.random.default_rng([self.seed, 1]),
            np.random.default_rng([self.seed, 2, number]),
        )
        grey = np.zeros((SIDE, SIDE))
        for _ in range(own.integers(1, 4)):
            layer = _layers[own.integers(len(_layers))](own, rng)
            grey += own.uniform(0.3, 1.0) * (layer - layer.mean()) / (layer.std() + 1e-6)
        grey = (grey - grey.mean()) / (grey.std() + 1e-6)
        light = own.uniform(-0.4, 0.4, 2) * rng.uniform(0.8, 1.2)
        rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
        grey += light[0] * rows + light[1] * columns
        grey = own.uniform(80, 170) * rng.uniform(0.96, 1.04) + own.uniform(12, 45) * grey
        grey += rng.normal(0, own.uniform(1, 5), grey.shape)
        return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)


def _noise(own: np.random.Generator, rng: np.random.Generator) -> np.ndarray:
    """Noise of one band of sizes, drawn out in one direction."""
    angle, size, stretch = own.uniform(0, np.pi), own.uniform(1.5, 25), own.choice([1, 1, 3, 10])
    fy, fx = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE), indexing="ij")
    along, across = fx * np.cos(angle) + fy * np.sin(angle), fy * np.cos(angle) - fx * np.sin(angle)
    radius = np.hypot(along * stretch, across) * size
    band = radius ** own.choice([0, 1]) * np.exp(-(radius**2) * 4)
    return np.asarray(np.fft.ifft2(np.fft.fft2(rng.normal(size=(SIDE, SIDE))) * band).real)


def _waves(own: np.random.Generator, rng: np.random.Generator) -> np.ndarray:
    """One to three gratings, slightly bent, each image in another phase or all in the same."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(float)
    bend = own.uniform(0, 4) * _noise(np.random.default_rng(own.integers(2**31)), rng)
    out, fixed = np.zeros((SIDE, SIDE)), own.random() < 0.4
    for _ in range(own.integers(1, 4)):
        angle, period = own.uniform(0, np.pi), own.uniform(6, 70)
        phase = 0.0 if fixed else rng.uniform(0, 2 * np.pi)
        across = rows * np.sin(angle) + columns * np.cos(angle) + bend / (np.abs(bend).max() + 1e-6)
        out += np.sin(2 * np.pi * across / period + phase)
    return np.asarray(np.tanh(own.uniform(0.5, 4) * out))


def _grains(own: np.random.Generator, rng: np.random.Generator) -> np.ndarray:
    """Noise cut at a level: patches with edges."""
    level = own.uniform(-1.0, 1.0)
    noise = _noise(own, rng)
    return np.asarray(np.tanh(own.uniform(2, 8) * (noise / noise.std() - level)))


def _layout(own: np.random.Generator, rng: np.random.Generator) -> np.ndarray:
    """Bars, steps and a ring at the same place in every image, give or take a pixel or two."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + rng.uniform(-2, 2, 2)[:, None, None]
    out = np.zeros((SIDE, SIDE))
    for _ in range(own.integers(1, 4)):
        place, width = own.uniform(0, SIDE), own.uniform(4, SIDE / 4)
        out += own.choice([-1, 1]) * (
            np.abs((rows if own.random() < 0.5 else columns) - place) < width
        )
    centre, radius = own.uniform(SIDE / 4, 3 * SIDE / 4, 2), own.uniform(SIDE / 8, SIDE / 2)
    ring = np.hypot(rows - centre[0], columns - centre[1]) - radius
    return np.asarray(out + own.choice([0, 1]) * np.exp(-((ring / own.uniform(2, 20)) ** 2)))


_layers = (_noise, _noise, _waves, _grains, _layout)


def measure(
    texture: Texture, extractor: Extractor, folder: Path
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the Swin's inputs of a texture's images and of those with drawn defects."""
    hashes = [hashlib.sha256(f"{texture.seed}-{i}".encode()).hexdigest() for i in range(IMAGES)]
    number = {sha256: i for i, sha256 in enumerate(hashes)}
    images = Images(hashes, lambda sha256: texture.image(number[sha256]), (SIDE, SIDE))
    lens = learn_lens(images, extractor, texture.seed)
    material = prepare(images, lens, extractor, IMAGES, folder, texture.seed, lambda *_: None)
    bank = GaussianBank(fused=False)
    keep = np.random.default_rng(texture.seed).random(IMAGES) > 0.3  # as a night leaves some out
    fitted = bank.fit(replace(material, keep=keep), texture.seed)
    return tuple(  # type: ignore[return-value]
        torch.cat([map_input(fitted.distances(view)).half().contiguous() for view in file.chunks()])
        for file in (material.views, material.drawn)
    )


app = typer.Typer()


@app.command()
def collect(
    folder: Annotated[Path, typer.Option(help="Where inputs are kept, a file a texture.")],
    textures: Annotated[int, typer.Option(help="How many textures.")] = 96,
    threads: int = 0,
) -> None:
    """Make textures and measure them; those already there are passed over."""
    torch.set_num_threads(threads or torch.get_num_threads())
    folder.mkdir(parents=True, exist_ok=True)
    extractor = open_extractor("tf_efficientnet_lite0", None, CPU)
    for seed in range(textures):
        path = folder / f"{seed:03}.safetensors"
        if path.exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            plain, drawn = measure(Texture(seed), extractor, Path(scratch) / "views")
        safetensors.torch.save_file({"plain": plain, "drawn": drawn}, path)
        typer.echo(f"texture {seed}: {len(plain)} images")


@app.command()
def train(
    folder: Annotated[Path, typer.Option(help="Where `collect` put its files.")],
    out: Annotated[Path, typer.Option(help="The checkpoint.")],
    epochs: int = 8,
    seed: int = 0,
    threads: int = 0,
) -> None:
    """Train on all but every eighth texture, which judges."""
    torch.set_num_threads(threads or torch.get_num_threads())
    torch.manual_seed(seed)
    paths = sorted(folder.glob("*.safetensors"))
    files = [safetensors.torch.load_file(path) for path in paths]
    taught = [f for i, f in enumerate(files) if i % 8]
    judging = [f for i, f in enumerate(files) if not i % 8]
    x = torch.cat([torch.cat([f["plain"], f["drawn"]]) for f in taught])
    y = torch.cat(
        [torch.cat([torch.zeros(len(f["plain"])), torch.ones(len(f["drawn"]))]) for f in taught]
    )
    recipe = {**swin_recipe(CPU, None), "init": "random"}
    network = build_swin(recipe)
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps)
    machine = Machine(CPU, native_precision(CPU))
    generator = torch.Generator().manual_seed(seed)
    history = [_judge(network, judging)]
    typer.echo(
        f"{len(taught)} textures teach, {len(judging)} judge; untrained ROC-AUC {history[0]:.4f}"
    )
    for epoch in range(epochs):
        network.train()
        losses = []
        order = torch.randperm(len(x), generator=generator)
        for part in torch.split(order, BATCH)[: len(x) // BATCH]:
            images = turn_and_flip(x[part].float(), generator)
            with machine.autocast():
                logits = network(images)[:, 0]
            loss = F.binary_cross_entropy_with_logits(logits.float(), y[part])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        history.append(_judge(network, judging))
        typer.echo(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, ROC-AUC {history[-1]:.4f}")
    facts = {
        "textures": len(taught), "images": len(x), "epochs": epochs, "seed": seed,
        "untrained_auc": round(history[0], 4), "trained_auc": round(history[-1], 4),
    }  # fmt: skip
    state = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    safetensors.torch.save_file(state, out, {"recipe": json.dumps(facts)})
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")


@torch.inference_mode()
def _judge(network: torch.nn.Module, files: list[dict[str, torch.Tensor]]) -> float:
    """Mean ROC-AUC over textures that taught nothing."""
    network.eval()
    aucs = []
    for f in files:
        plain, drawn = (network(f[k].float())[:, 0].numpy() for k in ("plain", "drawn"))
        aucs.append(detects(plain, drawn))
    return float(np.mean(aucs))


if __name__ == "__main__":
    app()
