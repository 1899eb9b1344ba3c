"""How judgements, verdicts and rates are shown on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from technopro.console import console
from technopro.results import is_unknown

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from technopro.decision.corrected import Corrected
    from technopro.registry import (
        Judgement,
        ModelRow,
        NightRow,
        PatternRow,
        RateRow,
        RunRow,
        VerdictRow,
    )
    from technopro.replay import Replayed


def print_judgements(sha256: str, found: Sequence[Judgement], said: Sequence[VerdictRow]) -> None:
    """Print every decision on an image, newest first, the changes since, and what people said."""
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
            _decision(one),
            f"{one.threshold:.3f} / {one.review_threshold:.3f}",
            "none" if reign is None else f"{reign.version}, {_when(reign.since)}, {reign.actor}",
        )
    console.print(table)
    for change in found[-1].changes:
        told = {key: value for key, value in change.details.items() if key != "checks"}  # in reason
        words = ", ".join(f"{key} {value}" for key, value in told.items())
        console.print(f"since: {_when(change.at)} {change.actor}: {change.action} ({words})")
    for word in said:
        why = f": {word.reason}" if word.reason else ""
        console.print(f"said: {_when(word.at)} {word.actor}: {word.label}{why}", markup=False)


def _decision(one: Judgement) -> str:
    word = "not known" if is_unknown(one.decision, one.separable) else one.decision.value
    return word if one.fault is None else f"{word} ({one.fault})"


def print_replay(judged: Judgement, replayed: Replayed) -> None:
    """Print the recorded and the computed score."""
    verdict = "equal" if replayed.equal else "NOT EQUAL"
    console.print(
        f"{judged.pattern} {judged.version}, judged {_when(judged.judged_at)}: recorded "
        f"{judged.score:.8f}, computed {replayed.score:.8f}, difference "
        f"{replayed.difference:.1e}: {verdict}"
    )


def print_verdict(image: str, label: str, said: Sequence[VerdictRow]) -> None:
    """Print what was recorded, and what others say of the same part; `said` newest first."""
    done = "withdrawn" if label == "withdrawn" else f"recorded as {label}"
    console.print(f"{image}: {done}")
    for one in said:
        lane = f"{one.lane} lane" + (", in the random sample" if one.drawn else "")
        console.print(f"  {one.actor}: {one.label} ({_when(one.at)}, {lane})", markup=False)
    if said:
        console.print(f"  the product: {said[0].decision.value}, score {said[0].score:.4f}")
    if len({one.label for one in said}) > 1:
        console.print("  people disagree; the newest verdict counts")


def print_rates(by: str, rows: Sequence[RateRow]) -> None:
    """Print a table of defect rates."""
    if not rows:
        console.print("no night was scored in that time")
        return
    table = Table(title=f"defect rates by {by}")
    table.add_column(by)
    for column in ("images", "flagged", "estimated share", "as people found"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            escape(row.subject),
            str(row.images),
            f"{row.flagged} ({row.flagged / max(1, row.images):.1%})",
            _share(row),
            "–" if row.corrected is None else _corrected(row.corrected),
        )
    console.print(table)


def _share(row: RateRow) -> str:
    if row.share is None:
        return "not known"
    return row.share.as_share() + (f" of {row.known}" if row.known < row.images else "")


def print_runs(rows: Sequence[RunRow]) -> None:
    """Print a table of runs, and below it why some failed."""
    if not rows:
        console.print("no such run")
        return
    table = Table()
    for column in ("began", "kind", "state", "took", "run"):
        table.add_column(column)
    for row in rows:
        table.add_row(_when(row.started_at), row.kind, row.state, _took(row), row.id)
    console.print(table)
    for row in rows:
        if row.message:
            console.print(f"{row.id} {row.kind} {row.state}: {row.message}", markup=False)


def _took(row: RunRow) -> str:
    last = row.finished_at or row.alive_at
    if last is None:
        return "–"
    seconds = round((last - row.started_at).total_seconds())
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def print_recorded(session: Session, night: NightRow) -> None:
    """Print a night as it was recorded."""
    from technopro import registry

    rows = registry.night(session, night.run_id)
    titles = {name: row.title for name, row in registry.patterns(session).items()}
    table = Table(
        title=f"night of {_when(night.started_at)}: {night.images} images, "
        f"{night.quarantined} in quarantine"
    )
    for column in ("pattern", "called", "model"):
        table.add_column(column)
    for column in ("images", "flagged", "estimated defect share", "own AUC estimate"):
        table.add_column(column, justify="right")
    for row in rows:
        quality = row.quality
        table.add_row(
            row.pattern if row.separable else f"{row.pattern} (cannot be separated)",
            escape(titles.get(row.pattern) or ""),
            row.model_version,
            str(row.images),
            f"{row.flagged} ({row.flagged / max(1, row.images):.1%})",
            row.defect_share.as_share(row.separable),
            f"{quality.estimate:.3f} ({quality.low:.3f} to {quality.high:.3f})",
        )
    console.print(table)
    console.print(f"batch {night.batch_id} of {night.source}, run {night.run_id}", markup=False)


def _corrected(found: Corrected) -> str:
    estimate = "?" if found.estimate is None else f"{found.estimate:.1%}"
    between = f"{found.low:.1%} to {found.high:.1%}"
    return f"{estimate} ({between}), {found.looked} of {found.parts} looked at"


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
