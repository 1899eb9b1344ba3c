"""Symmetric cross entropy for one logit and soft labels."""

from __future__ import annotations

import torch
from torch.nn import functional as F

LOG_ZERO = -4.0  # A of the paper: what log(0) is taken to be


def symmetric_cross_entropy(
    logits: torch.Tensor, labels: torch.Tensor, alpha: float = 1.0, beta: float = 0.5
) -> torch.Tensor:
    """Return alpha·CE + beta·RCE of each image: (B,).

    `logits` and `labels` are (B,); labels are 0 to 1. With p the predicted and y the labelled
    probability, CE = -y·log p - (1-y)·log(1-p) and RCE swaps the two, with log 0 taken as -4
    (Wang et al. 2019, arXiv:1908.06112). Both classes enter both terms.
    """
    cross = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    p = torch.sigmoid(logits)
    log_y = labels.log().clamp_min(LOG_ZERO)
    log_not_y = (1 - labels).log().clamp_min(LOG_ZERO)
    return alpha * cross - beta * (p * log_y + (1 - p) * log_not_y)
