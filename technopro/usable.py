"""A lamp that died is no defect, and must not pass unseen: more unusable pictures than usual."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats
from sqlalchemy.orm import Session

from technopro import registry
from technopro.drift.share import share_change
from technopro.registry.unusable import Usability, past_usability, usability

NIGHTS = 14  # that tonight is compared with
RARE = 0.001  # of usual nights raise an alert all the same


def tell_unusable(session: Session, run_id: str, batch_id: int) -> None:
    """Raise an alert where a scoring run could judge fewer of its files than runs before it."""
    tonight = usability(session, run_id, batch_id)
    words = more_than_usual(tonight, past_usability(session, batch_id, NIGHTS))
    if words:
        registry.raise_alert(
            session, "unusable pictures", level="warning", words=words, run_id=run_id
        )


def more_than_usual(tonight: Usability, past: Sequence[Usability]) -> str | None:
    """Return what to tell people where too many files of a night cannot be judged, else None.

    With too few nights to know how much these differ, all their files count as one sample, and
    Fisher's exact test decides; without any, half of the files are too many.
    """
    past = [night for night in past if night.files]
    if not tonight.count or not _more(tonight, past):
        return None
    kinds = ", ".join(f"{count} {fault}" for fault, count in tonight.unusable.items())
    files = sum(night.files for night in past)
    usual = f", usually {sum(n.count for n in past) / files:.1%}" if files else ""
    return (
        f"{tonight.count} of {tonight.files} files say nothing about their part{usual}: {kinds}. "
        "Look at the camera, its lamp and its lens; the parts behind these files are not judged."
    )


def _more(tonight: Usability, past: Sequence[Usability]) -> bool:
    if not past:
        return 2 * tonight.count > tonight.files
    counts, files = np.array([n.count for n in past]), np.array([n.files for n in past])
    change = share_change(tonight.count, tonight.files, counts, files)
    if change.p_value is not None:
        return change.share > change.usual and change.p_value < RARE
    own = [tonight.count, tonight.files - tonight.count]
    table = [own, [counts.sum(), (files - counts).sum()]]
    return bool(stats.fisher_exact(table, alternative="greater").pvalue < RARE)
