"""The promotion gate: may a challenger take the champion's place? No label is needed.

Both score the same recent images. A challenger is refused where its scores say nothing or do not
come of its stored weights, where its Swins have a say but do not follow their pseudo-labels on
images kept from them, where it no longer finds what the champion finds worst, where its idea of the
defect share contradicts the champion's, where it judges itself worse than the champion for certain,
and where verdicts of people, if there are any, are ranked worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from technopro.pseudolabel.flight import BY_LUCK, Followed
from technopro.results import Estimate
from technopro.seeding.combine import ranks

WORST = 0.1  # share of the images that the champion finds worst …
AGREES = 0.8  # … and ROC-AUC with which the challenger must tell them from its better half
LEAST_SPREAD = 1e-9  # of scores
PARITY = 1e-3  # largest difference of a score computed again
FEWEST_VERDICTS = 5  # of each kind


@dataclass(frozen=True)
class Opinion:
    """What one model makes of the images that both are asked about."""

    scores: np.ndarray  # (N,) 0 to 1
    share: Estimate  # of defects among them
    quality: Estimate  # ROC-AUC as the model itself estimates it
    separable: bool
    followed: Followed | None = None  # its pseudo-labels; None where its Swins have no say


@dataclass(frozen=True)
class Check:
    """One reason for or against; `case` tells apart what one name can mean."""

    name: str
    passed: bool
    words: str
    case: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)

    def recorded(self) -> dict[str, Any]:
        """Return it as it is kept, so that it can be told in any language; JSON knows no NaN."""
        known = {name: value for name, value in self.figures.items() if np.isfinite(value)}
        return {**asdict(self), "figures": known}


def standing(own: Opinion, again: np.ndarray) -> tuple[Check, ...]:
    """Check a model alone: its scores say something, it stands by them, it learned something.

    `again` are scores of the first images of `own`, computed from the weights as stored.
    """
    finite = bool(np.isfinite(own.scores).all())
    spread = float(np.ptp(own.scores)) if finite and len(own.scores) else 0.0
    words = f"scores spread over {spread:.3g}" if finite else "some scores are no numbers"
    gap = float(np.abs(own.scores[: len(again)] - again).max())
    stands = f"stored weights give its scores within {gap:.1e}"
    return (
        Check("scores", finite and spread > LEAST_SPREAD, words,
              "spread" if finite else "no_numbers", {"spread": spread}),
        Check("parity", gap <= PARITY, stands, "" if np.isfinite(gap) else "no_numbers",
              {"gap": gap}),  # NaN fails
        _labels(own.followed),
    )  # fmt: skip


def compare(
    champion: Opinion, challenger: Opinion, told: np.ndarray | None = None
) -> tuple[Check, ...]:
    """Return every check of one against the other; a challenger is promoted if all passed.

    `told` (N,) are verdicts: 1 defect, 0 fine, NaN not looked at.
    """
    return (
        _agreement(champion, challenger),
        _share(champion, challenger),
        _quality(champion, challenger),
        _separable(champion, challenger),
        *_verdicts(champion, challenger, told),
    )


def passed(checks: Sequence[Check]) -> bool:
    return all(check.passed for check in checks)


def _labels(followed: Followed | None) -> Check:
    if followed is None:
        return Check("labels", True, "its Swins have no say", "no_say")
    words = (
        f"its Swins follow their pseudo-labels on images kept from them with ROC-AUC "
        f"{followed.auc:.3f}, {followed.p:.2g} likely by luck, needs less than {BY_LUCK}"
    )
    figures = {"auc": followed.auc, "luck": followed.p, "most": BY_LUCK}
    return Check("labels", followed.learned, words, "followed", figures)


def _agreement(champion: Opinion, challenger: Opinion) -> Check:
    order = np.argsort(-champion.scores, kind="stable")
    worst = order[: max(1, round(WORST * len(order)))]
    better = order[len(order) // 2 :]
    labels = np.r_[np.ones(len(worst)), np.zeros(len(better))]
    auc = ranks(labels, challenger.scores[np.r_[worst, better]])
    words = f"finds the champion's worst {len(worst)} with ROC-AUC {auc:.3f}, needs {AGREES}"
    figures = {"worst": len(worst), "auc": auc, "least": AGREES}
    return Check("agreement", auc >= AGREES, words, figures=figures)


def _share(champion: Opinion, challenger: Opinion) -> Check:
    a, b = champion.share, challenger.share
    words = f"defect share {b.low:.1%} to {b.high:.1%}, the champion's {a.low:.1%} to {a.high:.1%}"
    figures = {"low": b.low, "high": b.high, "before_low": a.low, "before_high": a.high}
    return Check("share", a.low <= b.high and b.low <= a.high, words, figures=figures)


def _quality(champion: Opinion, challenger: Opinion) -> Check:
    a, b = champion.quality, challenger.quality
    words = f"own ROC-AUC estimate up to {b.high:.3f}, the champion's is at least {a.low:.3f}"
    return Check("quality", b.high >= a.low, words, figures={"best": b.high, "least": a.low})


def _separable(champion: Opinion, challenger: Opinion) -> Check:
    if challenger.separable:
        return Check("separable", True, "separates the pattern", "yes")
    if not champion.separable:
        return Check("separable", True, "cannot separate the pattern, nor can the champion",
                     "neither")  # fmt: skip
    return Check("separable", False, "cannot separate the pattern, the champion can", "lost")


def _verdicts(champion: Opinion, challenger: Opinion, told: np.ndarray | None) -> list[Check]:
    if told is None:
        return []
    known = ~np.isnan(told)
    labels = told[known].round().astype(int)
    if min(np.bincount(labels, minlength=2)) < FEWEST_VERDICTS:
        return []
    old, new = (ranks(labels, o.scores[known]) for o in (champion, challenger))
    error = _standard_error(old, int(labels.sum()), int((1 - labels).sum()))
    words = f"ranks {len(labels)} verdicts with ROC-AUC {new:.3f}, the champion with {old:.3f}"
    figures = {"verdicts": len(labels), "auc": new, "before": old}
    return [Check("verdicts", new >= old - error, words, figures=figures)]


def _standard_error(auc: float, bad: int, good: int) -> float:
    """Return the standard error of a ROC-AUC (Hanley and McNeil 1982, equation 2)."""
    among_bad, among_good = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc)
    variance += (bad - 1) * (among_bad - auc**2) + (good - 1) * (among_good - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (bad * good)))
