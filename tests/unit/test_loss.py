import math

import pytest
import torch

from technopro.pseudolabel.loss import LOG_ZERO, symmetric_cross_entropy


def by_hand(logit: float, label: float, alpha: float, beta: float) -> float:
    p = 1 / (1 + math.exp(-logit))
    log = lambda v: max(math.log(v), LOG_ZERO) if v > 0 else LOG_ZERO  # noqa: E731
    cross = -(label * math.log(p) + (1 - label) * math.log(1 - p))
    reverse = -(p * log(label) + (1 - p) * log(1 - label))
    return alpha * cross + beta * reverse


@pytest.mark.parametrize("logit", [-3.0, 0.0, 1.5])
@pytest.mark.parametrize("label", [0.0, 0.3, 1.0])
def test_equals_the_formula_of_the_paper(logit: float, label: float) -> None:
    loss = symmetric_cross_entropy(torch.tensor([logit]), torch.tensor([label]), 1.0, 0.5)
    assert float(loss) == pytest.approx(by_hand(logit, label, 1.0, 0.5), rel=1e-5)


def test_exchanging_the_classes_changes_nothing() -> None:
    logits, labels = torch.tensor([2.0, -1.0, 0.3]), torch.tensor([1.0, 0.0, 0.4])
    swapped = symmetric_cross_entropy(-logits, 1 - labels)
    assert torch.allclose(swapped, symmetric_cross_entropy(logits, labels))


def test_the_reverse_term_acts_on_positive_labels_too() -> None:
    logits, labels = torch.tensor([-2.0]), torch.tensor([1.0])
    assert symmetric_cross_entropy(logits, labels, 0.0, 1.0) > 1.0


def test_gradient_is_finite_at_hard_labels() -> None:
    logits = torch.tensor([40.0, -40.0], requires_grad=True)
    symmetric_cross_entropy(logits, torch.tensor([0.0, 1.0])).sum().backward()
    assert torch.isfinite(logits.grad).all()
