"""How judgements are shown on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.table import Table

from technopro.console import console

if TYPE_CHECKING:
    from technopro.decision.corrected import Corrected
    from technopro.registry import Judgement, ModelRow, PatternRow, RateRow
    from technopro.replay import Replayed
    from technopro.results import Estimate


def print_judgements(sha256: str, found: Sequence[Judgement]) -> None:
    """Print every decision on an image, newest first, and the changes since each."""
    if not found:
        console.print(f"{sha256[:12]}…: no decision is recorded until then")
        return
    table = Table(title=f"{', '.join(found[0].paths)} ({sha256[:12]}…)")
    for column in ("judged", "pattern", "model version", "score", "decision",
                   "defect / review from", "champion then, since, by"):  # fmt: skip
        table.add_column(column)
    for one in found:
        reign = one.champion
        table.add_row(
            _when(one.judged_at),
            one.pattern,
            one.version,
            f"{one.score:.4f}",
            one.decision if one.fault is None else f"{one.decision} ({one.fault})",
            f"{one.threshold:.3f} / {one.review_threshold:.3f}",
            "none" if reign is None else f"{reign.version}, {_when(reign.since)}, {reign.actor}",
        )
    console.print(table)
    for change in found[-1].changes:
        words = ", ".join(f"{key} {value}" for key, value in change.details.items())
        console.print(f"since: {_when(change.at)} {change.actor}: {change.action} ({words})")


def print_replay(judged: Judgement, replayed: Replayed) -> None:
    """Print the recorded and the computed score."""
    verdict = "equal" if replayed.equal else "NOT EQUAL"
    console.print(
        f"{judged.pattern} {judged.version}, judged {_when(judged.judged_at)}: recorded "
        f"{judged.score:.8f}, computed {replayed.score:.8f}, difference "
        f"{replayed.difference:.1e}: {verdict}"
    )


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def print_patterns(known: Mapping[str, PatternRow], champions: Mapping[str, ModelRow]) -> None:
    """Print every pattern that ever was."""
    if not known:
        console.print("no pattern is known yet; next: technopro inspect IMAGES --out OUT")
        return
    table = Table()
    for column in ("pattern", "called", "state", "part of", "first seen", "champion"):
        table.add_column(column)
    for name, row in known.items():
        champion = champions.get(name)
        version = "none" if champion is None else champion.version
        table.add_row(
            name, row.title or "", row.status, row.parent or "", _when(row.created_at), version
        )
    console.print(table)


def print_rates(rows: Sequence[RateRow]) -> None:
    """Print defect rates; where people looked at a random part, what follows from it."""
    if not rows:
        console.print("no batch has been scored then; next: technopro inspect IMAGES --out OUT")
        return
    table = Table()
    for column in ("", "images", "flagged", "defect share (90 %)", "by verdicts (90 %)"):
        table.add_column(column)
    for row in rows:
        corrected = "no random sample" if row.corrected is None else _corrected(row.corrected)
        table.add_row(row.subject, str(row.images), str(row.flagged), _share(row.share), corrected)
    console.print(table)


def _corrected(rate: Corrected) -> str:
    best = "unknown" if rate.estimate is None else f"{rate.estimate:.1%}"
    return f"{best} ({rate.low:.1%} to {rate.high:.1%})"


def _share(share: Estimate) -> str:
    return f"{share.estimate:.1%} ({share.low:.1%} to {share.high:.1%})"
