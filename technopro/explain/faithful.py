"""Whether a heat map shows what the network's logit comes from, told by taking it away.

Deletion (RISE; Petsiuk, Das & Saenko, BMVC 2018, arXiv:1806.07421): the hottest positions are put
to what is usual in the image, and a faithful map makes the logit fall. A hole disturbs a network by
its shape alone (ROAD; Rong et al., ICML 2022, arXiv:2202.00449), so the fall is not taken as such:
it is compared with the falls that holes of the very same shape make all over the image.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HOTTEST = 0.05  # share of the positions that is taken away
STEPS = 6  # places a side


@torch.inference_mode()
def faithfulness(network: nn.Module, x: Tensor, heat: Tensor) -> float:
    """Return the share of places, 0 to 1, that matter less to the logit than the hottest one.

    `x` (1, C, S, S) is what the network reads, `heat` (h, w) in 0..1 the map; a tie counts half. A
    map without heat, or whose hottest place does not lower the logit, has 0.
    """
    hole = _hottest(heat.to(x), x.shape[2])
    if not hole.any():
        return 0.0
    usual = x.flatten(2).median(dim=2).values[..., None, None]
    steps = [round(n * x.shape[2] / STEPS) for n in range(STEPS)]
    holes = torch.stack([hole.roll((dy, dx), (0, 1)) for dy in steps for dx in steps])
    logits = network(torch.cat([x, torch.where(holes[:, None], usual, x)])).flatten()
    here, *elsewhere = (logits[0] - logits[1:]).tolist()
    if here <= 0:
        return 0.0
    less = sum((fall < here) + 0.5 * (fall == here) for fall in elsewhere)
    return float(less / len(elsewhere))


def _hottest(heat: Tensor, side: int) -> Tensor:
    """Return (S, S) bool: the hottest positions, none where the map is cold."""
    full = F.interpolate(heat[None, None], (side, side), mode="bilinear")[0, 0]
    least = torch.quantile(full.flatten(), 1 - HOTTEST)
    return (full >= least) & (full > 0)
