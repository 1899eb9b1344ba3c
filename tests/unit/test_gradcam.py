"""Grad-CAM against a second computation, and against a defect whose place is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from timm.models.swin_transformer import SwinTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from technopro.errors import TechnoproError
from technopro.explain.gradcam import (
    decode_heat,
    encode_heat,
    gradcam,
    gradcam_of_maps,
    target_stage,
)


def small_swin(**changes: Any) -> SwinTransformer:  # noqa: ANN401
    shape: dict[str, Any] = {
        "img_size": 128,
        "patch_size": 4,
        "window_size": 8,
        "embed_dim": 32,
        "depths": (2, 2, 2, 2),
        "num_heads": (2, 4, 8, 16),
        "num_classes": 1,
    }
    return SwinTransformer(**{**shape, **changes})


def tiny_swin() -> SwinTransformer:
    return small_swin(
        img_size=32, window_size=4, embed_dim=16, depths=(2,), num_heads=(2,), drop_rate=0.1
    )


def step_by_step(network: SwinTransformer, x: Tensor, averaged: bool) -> np.ndarray:
    """The formula written out for a one-stage Swin: no hook, the layers called by hand."""
    y = network.patch_embed(x)
    stage: Any = network.layers[0]
    first, second = stage.blocks
    a = first.norm1(y).detach().requires_grad_()
    attended = y + first._attn(a)
    y = second(attended + first.mlp(first.norm2(attended)))
    torch.autograd.backward(network.forward_head(network.norm(y)).sum())
    assert a.grad is not None
    maps = []
    for activations, gradient in zip(a.detach().numpy(), a.grad.numpy(), strict=True):
        weights = np.broadcast_to(gradient.mean((0, 1)), gradient.shape) if averaged else gradient
        raw = np.maximum(np.einsum("hwc,hwc->hw", activations, weights), 0)
        maps.append(raw / raw.max() if raw.max() > 0 else raw)
    return np.stack(maps)


@pytest.mark.parametrize("averaged", [False, True])
def test_agrees_with_the_layers_called_by_hand(averaged: bool) -> None:
    torch.manual_seed(0)
    network, x = tiny_swin().eval(), torch.randn(3, 3, 32, 32)
    expected = step_by_step(network, x, averaged)
    assert expected.max() == 1.0
    np.testing.assert_allclose(gradcam(network, x, averaged=averaged), expected, atol=1e-5)


def test_the_map_of_an_image_does_not_depend_on_its_neighbours() -> None:
    torch.manual_seed(1)
    network, x = tiny_swin(), torch.randn(3, 3, 32, 32)
    np.testing.assert_allclose(gradcam(network, x)[1:2], gradcam(network, x[1:2]), atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ({}, 8),
        ({"img_size": 224, "window_size": 7}, 7),
        ({"img_size": 28, "patch_size": 2, "in_chans": 12, "window_size": 7, "depths": (2, 2),
          "num_heads": (2, 4)}, 7),
        ({"img_size": 16, "window_size": 4, "depths": (2,), "num_heads": (2,)}, 4),
    ],
)  # fmt: skip
def test_side_of_the_map(shape: dict[str, object], side: int) -> None:
    """The deepest stage of at least 7 positions a side is shown, or the finest there is."""
    network = small_swin(**shape)
    size, channels = int(str(shape.get("img_size", 128))), int(str(shape.get("in_chans", 3)))
    maps = gradcam(network, torch.randn(2, channels, size, size))
    assert maps.shape == (2, side, side)
    assert maps.dtype == np.float32
    assert maps.min() >= 0.0
    assert maps.max() <= 1.0


def test_a_constant_logit_gives_a_map_of_zeros() -> None:
    network = tiny_swin()
    nn.init.zeros_(network.head.fc.weight)
    assert not gradcam(network, torch.randn(2, 3, 32, 32)).any()


def test_no_image_gives_no_map() -> None:
    assert gradcam(tiny_swin(), torch.zeros(0, 3, 32, 32)).shape[0] == 0


def test_leaves_the_network_as_it_was() -> None:
    """Mode, gradients and hooks are the same afterwards, also with frozen parameters."""
    network = tiny_swin().train().requires_grad_(False)
    network.head.eval()
    with torch.inference_mode():
        first = gradcam(network, torch.ones(1, 3, 32, 32))
    assert network.training
    assert not network.head.training
    assert all(p.grad is None for p in network.parameters())
    assert not target_stage(network).blocks[0].norm1._forward_hooks
    np.testing.assert_array_equal(first, gradcam(network, torch.ones(1, 3, 32, 32)))


def test_removes_its_hook_when_the_network_fails() -> None:
    network = tiny_swin()
    with pytest.raises(RuntimeError):
        gradcam(network, torch.zeros(1, 5, 32, 32))
    assert not target_stage(network).blocks[0].norm1._forward_hooks


def test_refuses_another_kind_of_network_and_more_than_one_logit() -> None:
    with pytest.raises(TechnoproError, match="found Linear"):
        gradcam(nn.Linear(3, 1), torch.zeros(1, 3, 32, 32))
    with pytest.raises(TechnoproError, match="num_classes=1"):
        gradcam(small_swin(num_classes=2, img_size=64), torch.zeros(1, 3, 64, 64))


def bright_squares(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Noise (N, 3, 28, 28), every second with a bright 4 x 4 square; labels; corners (N, 2)."""
    x = 0.3 * torch.randn(count, 3, 28, 28, generator=generator)
    corners = 4 * torch.randint(0, 7, (count, 2), generator=generator)
    labels = (torch.arange(count) % 2).float()
    for image in torch.nonzero(labels).flatten().tolist():
        top, left = corners[image].tolist()
        x[image, :, top : top + 4, left : left + 4] += 1.0
    return x, labels, corners


def test_a_trained_swin_points_at_the_square() -> None:
    """After a few steps the hottest of 7 x 7 positions is the square's in nine of ten images."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    network = small_swin(img_size=28, patch_size=2, window_size=7, depths=(2, 2), num_heads=(2, 4))
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    for _ in range(40):
        x, labels, _ = bright_squares(16, generator)
        loss = F.binary_cross_entropy_with_logits(network(x).squeeze(1), labels)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    x, labels, corners = bright_squares(60, generator)
    maps = gradcam(network, x[labels.bool()])
    hottest = np.array([np.unravel_index(m.argmax(), m.shape) for m in maps])
    found = (hottest == corners[labels.bool()].numpy() // 4).all(axis=1)
    assert found.mean() >= 0.9


class Believer(nn.Module):
    """Stands where a Swin does: believes map 0, disbelieves map 1."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [SimpleNamespace(output_resolution=(8, 8))]

    def forward(self, x: Tensor) -> Tensor:
        return 3 * x[:, 0].sum((1, 2)) - x[:, 1].sum((1, 2))


def test_of_maps_shows_the_map_the_network_believes() -> None:
    x = torch.ones(1, 2, 8, 8)
    x[0, 0, 2, 5], x[0, 0, 6, 6], x[0, 1, 7, 7] = 5.0, 3.0, 100.0
    expected = np.zeros((1, 8, 8))
    expected[0, 2, 5], expected[0, 6, 6] = 1.0, 0.5
    np.testing.assert_allclose(gradcam_of_maps(Believer(), x), expected, atol=1e-6)
    assert gradcam_of_maps(Believer(), x[:, [1, 0]]).argmax() == 63
    assert gradcam_of_maps(Believer(), x[:0]).shape == (0, 8, 8)


def test_of_maps_is_zero_where_no_map_is_believed() -> None:
    x = torch.rand(2, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    network = Believer()
    network.forward = lambda x: -x.sum((1, 2, 3))  # type: ignore[method-assign]
    assert not gradcam_of_maps(network, x).any()


def test_a_heat_map_survives_its_png() -> None:
    heat = np.linspace(0, 1, 56, dtype=np.float32).reshape(7, 8)
    data = encode_heat(heat)
    assert data.startswith(b"\x89PNG")
    assert decode_heat(data).shape == (7, 8)
    np.testing.assert_allclose(decode_heat(data), heat, atol=1 / 510 + 1e-6)
    with pytest.raises(TechnoproError, match="2 axes"):
        encode_heat(heat[None])
