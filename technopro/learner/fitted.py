"""A learned pattern: scores any image of it, and goes into one safetensors file and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from technopro.decision.calibration import Calibration
from technopro.errors import WeightsError
from technopro.features.device import moved
from technopro.features.views import Lens, Views, restore_lens
from technopro.learner.opinions import seed_maps
from technopro.pseudolabel.inputs import Machine, swin_logits
from technopro.pseudolabel.swin import Recipe, build_swin, map_input, picture_input
from technopro.results import PatternModel
from technopro.seeding.autoencoder import AutoencoderSeed
from technopro.seeding.bank import FittedBank, GaussianBank
from technopro.seeding.combine import Combination, Scale
from technopro.seeding.drawn import DrawnSeed
from technopro.seeding.gaussian import GaussianSeed
from technopro.seeding.mixture import MixtureSeed
from technopro.seeding.places import PLACES, Places
from technopro.seeding.seed import FittedSeed, Seed, under, worst_positions

FIRST_SEED = GaussianBank(  # tells what leaves a fit: of every level one
    (
        GaussianSeed("patch", "s4", 3),
        GaussianSeed("place", "s8", 3),
        GaussianSeed("place", "s16"),
        GaussianSeed("patch", "s32"),
    ),
    fused=False,
)
MIXTURES = (MixtureSeed("s4", 3, 24), MixtureSeed("s8", 5, 32), MixtureSeed("s16", 1, 16))
SEEDS: tuple[Seed, ...] = (GaussianBank(mixtures=MIXTURES), AutoencoderSeed(), DrawnSeed())


@dataclass(frozen=True)
class Swins:
    """The networks of all folds."""

    recipe: Recipe
    networks: tuple[nn.Module, ...]

    def logits(self, inputs: torch.Tensor, folds: torch.Tensor, machine: Machine) -> np.ndarray:
        """Return (B,): each image by the network of its own fold, which was not trained on it."""
        out = np.zeros(len(inputs), np.float32)
        for fold, network in enumerate(self.networks):
            chosen = folds == fold
            if chosen.any():
                out[chosen.numpy()] = swin_logits(network, inputs[chosen], machine)
        return out


@dataclass(frozen=True)
class FittedPattern:
    """Everything that turns views of one pattern into scores."""

    shape: tuple[int, int]
    lens: Lens
    seeds: Mapping[str, FittedSeed]
    swins: Swins
    places: Places | None  # what adds maps place by place; older models have none
    blend: Combination  # of seeds, of what the sum says, and of the Swin
    calibration: Calibration

    def evidence(self, views: Views, machine: Machine) -> np.ndarray:
        """Return (B,): standardised blend of seeds and Swin, higher is worse."""
        views = _bank(self.seeds).measured(views)
        maps = seed_maps(self.seeds, views)
        if self.places is not None:
            maps[PLACES] = self.places(maps)
        heard = (name for name, weight in self.blend.weights.items() if weight > 0)
        own = {n: worst_positions(maps[n]).cpu().numpy() for n in heard if n in maps}
        if self.blend.weights.get("swin", 0) > 0:
            own["swin"] = self.swins.logits(self.swin_input(views), views.folds, machine)
        return self.blend(own)

    def swin_input(self, views: Views) -> torch.Tensor:
        """Return what the Swins read of these images: (B, C, S, S), rounded as in training."""
        return swin_reader(self.swins.recipe, self.seeds)(views).half().float()

    def to_model(self, pattern: str, facts: Mapping[str, Any]) -> PatternModel:
        """Return the model as arrays and a JSON recipe; `facts` joins the recipe."""
        recipe = {
            **facts,
            "shape": list(self.shape),
            "places": self.places and asdict(self.places),
            "blend": asdict(self.blend),
            "swin": dict(self.swins.recipe),
            "calibration": asdict(self.calibration),
        }
        tensors = {f"lens.{k}": v for k, v in self.lens.tensors().items()}
        for name, seed in self.seeds.items():
            tensors |= {f"seed.{name}.{k}": v for k, v in seed.tensors().items()}
        for fold, network in enumerate(self.swins.networks):
            state = network.state_dict().items()
            tensors |= {f"swin.{fold}.{k}": v.detach().cpu().numpy() for k, v in state}
        return PatternModel(pattern, recipe, tensors)


def restore(model: PatternModel, device: torch.device) -> FittedPattern:
    """Return the learned pattern from its stored model; raises WeightsError on missing arrays."""
    recipe = model.recipe
    try:
        fitted = FittedPattern(
            tuple(recipe["shape"]),
            restore_lens(under("lens.", model.tensors)),
            {s.name: s.restore(under(f"seed.{s.name}.", model.tensors)) for s in SEEDS},
            restore_swins(model),
            _restore_places(recipe.get("places")),
            _restore_combination(recipe["blend"]),
            Calibration.restore(recipe["calibration"]),
        )
    except (KeyError, RuntimeError) as error:
        raise WeightsError(
            f"the model of pattern {model.pattern} is incomplete ({error}); retrain the pattern"
        ) from error
    return moved(fitted, device)


def swin_reader(recipe: Recipe, seeds: Mapping[str, FittedSeed]) -> Callable[[Views], torch.Tensor]:
    """Return what turns views into the Swin's input: their pictures, or their distance maps."""
    if recipe["reads"] == "pixels":
        return picture_input
    bank = _bank(seeds)
    return lambda views: map_input(bank.distances(views))


def _bank(seeds: Mapping[str, FittedSeed]) -> FittedBank:
    bank = seeds["gaussian"]
    assert isinstance(bank, FittedBank)  # noqa: S101
    return bank


def _restore_places(recipe: Mapping[str, Any] | None) -> Places | None:
    return None if recipe is None else Places(_restore_scales(recipe["scales"]), recipe["weights"])


def _restore_combination(recipe: Mapping[str, Any]) -> Combination:
    scales, scale = _restore_scales(recipe["scales"]), Scale(**recipe["scale"])
    return Combination(scales, recipe["weights"], recipe["skill"], scale)


def _restore_scales(recipe: Mapping[str, Any]) -> dict[str, Scale]:
    return {name: Scale(**scale) for name, scale in recipe.items()}


def restore_swins(model: PatternModel) -> Swins:
    """Return the Swins of a stored model, on the CPU."""
    recipe = model.recipe
    folds = sorted({key.split(".")[1] for key in model.tensors if key.startswith("swin.")})
    networks = []
    for fold in folds:
        network = build_swin(recipe["swin"])
        state = under(f"swin.{fold}.", model.tensors)
        network.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
        networks.append(network.eval())
    return Swins(recipe["swin"], tuple(networks))
