"""The autoencoder seed: what two layers cannot reconstruct is odd."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.device import seeded
from technopro.features.extract import batches
from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.seed import Material

STEPS, BATCH, LEARNING_RATE = 150, 16, 3e-3
PASSES = 30  # over the images that teach, at most
SIDE = 64  # pixels
MOST = 800  # images that teach: memory does not grow with their number


@dataclass(frozen=True)
class AutoencoderSeed:
    """Two convolutions down, two up, trained on mean squared error of 64-pixel thumbnails."""

    name: str = "autoencoder"

    def fit(self, material: Material, seed: int) -> FittedAutoencoder:
        """Train one autoencoder a fold, on the images of the other folds."""
        pixels, folds = _some(material, seed)
        networks = [_train(pixels[folds != k], seed + k) for k in range(FOLDS)]
        return FittedAutoencoder(tuple(networks))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedAutoencoder:
        networks = []
        for fold in range(FOLDS):
            network = build_autoencoder()
            own = {k: torch.from_numpy(tensors[f"{fold}.{k}"]) for k in network.state_dict()}
            network.load_state_dict(own)
            networks.append(network.eval())
        return FittedAutoencoder(tuple(networks))


@dataclass(frozen=True)
class FittedAutoencoder:
    """One trained network a fold."""

    networks: tuple[nn.Module, ...]

    @torch.inference_mode()
    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        """Return the log of the mean squared error around each pixel of the thumbnail."""
        pixels = _pixels(view)
        maps = pixels.new_empty(len(view), SIDE, SIDE)
        for fold, network in enumerate(self.networks):
            chosen = view.folds == fold
            if chosen.any():
                maps[chosen] = reconstruction_error(network, pixels[chosen])
        return {"autoencoder": maps.log()}

    def tensors(self) -> dict[str, np.ndarray]:
        return {
            f"{fold}.{key}": value.cpu().numpy()
            for fold, network in enumerate(self.networks)
            for key, value in network.state_dict().items()
        }


def build_autoencoder() -> nn.Sequential:
    """Return the network, (B, 3, 64, 64) -> the same; the code is (B, 8, 16, 16)."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(32, 8, 4, 2, 1),
        nn.ConvTranspose2d(8, 32, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 3, 4, 2, 1),
    )


def _pixels(view: Views) -> torch.Tensor:
    """Thumbnails, (B, 3, 64, 64) in 0..1."""
    whole = view.picture.permute(0, 3, 1, 2).float().div(255.0)
    return F.interpolate(whole, (SIDE, SIDE), mode="area")


def _some(material: Material, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Thumbnails and folds of at most 800 kept images."""
    kept = np.flatnonzero(material.keep)
    chosen = np.sort(np.random.default_rng([seed, 5]).permutation(kept)[:MOST])
    parts = [_pixels(material.views.read(chosen[part])) for part in batches(len(chosen), 16)]
    return torch.cat(parts), material.views.folds[torch.from_numpy(chosen)]


def _train(pixels: torch.Tensor, seed: int) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    with seeded(seed, pixels.device):
        network = build_autoencoder().to(pixels.device)
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE)
    for _ in range(min(STEPS, PASSES * math.ceil(len(pixels) / BATCH))):
        x = pixels[torch.randint(len(pixels), (min(BATCH, len(pixels)),), generator=generator)]
        loss = F.mse_loss(network(x), x)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return network.eval().requires_grad_(False)


def reconstruction_error(network: nn.Module, pixels: torch.Tensor) -> torch.Tensor:
    """(B, 3, 64, 64) in 0..1 to the mean squared error around each pixel, (B, 64, 64)."""
    error = (network(pixels) - pixels).square().mean(1, keepdim=True)
    return F.avg_pool2d(error, 3, 1, 1)[:, 0].clamp_min(1e-9)
