"""The life of patterns: new, active, merged, split, retired; names stay, QA gives titles.

A merged pattern's parent is what it was merged into; the parent of a part is what was split. Until
a joint model is champion, or the parts have theirs, the champion of before goes on judging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.errors import InputError, RegistryError
from technopro.registry.audit import note
from technopro.registry.deployments import end_reign
from technopro.registry.tables import Pattern
from technopro.registry.versions import champions, record_pattern

LIVING = ("new", "active")


@dataclass(frozen=True)
class PatternRow:
    """A pattern as it stands."""

    name: str
    title: str | None  # given by QA
    status: str
    parent: str | None
    batch_id: int  # that first brought it
    centroid: Sequence[float]
    created_at: datetime
    backbone: str | None  # SHA-256 of the weights that see the centroid there; None: not known

    @property
    def living(self) -> bool:
        return self.status in LIVING


def patterns(session: Session) -> dict[str, PatternRow]:
    """Return every pattern that ever was, by name."""
    rows = session.scalars(select(Pattern).order_by(Pattern.name))
    return {p.name: _row(p) for p in rows}


def living_name(known: Mapping[str, PatternRow], name: str) -> str:
    """Return what images of a pattern are called now: where it was merged, that pattern's name."""
    row = known.get(name)
    while row is not None and row.status == "merged" and row.parent is not None:
        row = known[row.parent]
    return name if row is None else row.name


def judge_of(
    known: Mapping[str, PatternRow], name: str, judges: Mapping[str, object]
) -> str | None:
    """Return the pattern whose champion judges images of `name`: its own, or one above it."""
    row = known.get(name)
    while row is not None and row.name not in judges:
        row = known.get(row.parent or "")
    return None if row is None else row.name


def set_title(session: Session, name: str, title: str, *, actor: str) -> None:
    """Give a pattern the name that people use; a new pattern becomes active by it.

    Raises InputError for an empty title, RegistryError for an unknown pattern.
    """
    if not title.strip():
        raise InputError("expected a title of a few words, found none")
    pattern = _get(session, name)
    note(session, actor, "title", name, title=title.strip(), before=pattern.title)
    pattern.title = title.strip()
    if pattern.status == "new":
        pattern.status = "active"
    session.flush()


def seen_again(session: Session, names: Sequence[str], batch_id: int, *, actor: str) -> None:
    """Make new patterns active in their second batch, and retired ones when they are back."""
    for name in names:
        pattern = _get(session, name)
        returned = pattern.status == "retired"
        if returned or (pattern.status == "new" and pattern.batch_id != batch_id):
            note(session, actor, "activate", name, batch=batch_id, before=pattern.status)
            pattern.status = "active"
    session.flush()


def merge(session: Session, name: str, into: str, *, actor: str, reason: str) -> None:
    """Let a pattern be part of another from the next retrain on.

    Raises RegistryError unless both live, InputError for a pattern merged into itself.
    """
    if name == into:
        raise InputError(f"expected two different patterns, found {name} twice")
    pattern = _living(session, name)
    _living(session, into)
    pattern.status, pattern.parent = "merged", into
    note(session, actor, "merge", name, into=into, reason=reason)
    note(session, actor, "merge", into, of=name, reason=reason)
    session.flush()


def split(
    session: Session,
    name: str,
    parts: Mapping[str, Sequence[float]],
    *,
    batch_id: int,
    actor: str,
    reason: str,
    backbone: str | None = None,
) -> None:
    """Let a pattern be several from the next retrain on; `parts` are centres by new name.

    `backbone` is the SHA-256 of the weights that see them there.

    Raises RegistryError unless it lives, InputError for fewer than two parts or names in use.
    """
    pattern = _living(session, name)
    used = sorted(patterns(session).keys() & parts.keys())
    if len(parts) < 2 or used:
        found = f"found {', '.join(used)} in use" if used else f"found {len(parts)}"
        raise InputError(f"expected two new names or more, {found}")
    for part, centre in parts.items():
        record_pattern(session, part, batch_id=batch_id, centroid=centre, backbone=backbone)
        session.get_one(Pattern, part).parent = name
    pattern.status = "split"
    note(session, actor, "split", name, parts=sorted(parts), reason=reason)
    session.flush()


def retire(session: Session, name: str, *, actor: str, reason: str) -> None:
    """End a pattern that is no longer made, and its champion's reign; it comes back when seen.

    Raises RegistryError unless it lives.
    """
    _living(session, name).status = "retired"
    end_reign(session, name, datetime.now(UTC))
    note(session, actor, "retire", name, reason=reason)
    session.flush()


def settle(session: Session, names: Sequence[str], *, actor: str) -> None:
    """End the reigns that a new champion makes needless.

    `names` are the patterns whose images it learned from: those merged into it, and itself, which
    may be the last part of a split pattern to get a champion.
    """
    known, judges = patterns(session), champions(session)
    for row in (known[name] for name in names):
        if row.status == "merged" and row.name in judges:
            _done(session, row.name, actor, "judged by the pattern it was merged into")
        whole = known.get(row.parent or "")
        if whole is None or whole.status != "split" or whole.name not in judges:
            continue
        parts = [p.name for p in known.values() if p.parent == whole.name and p.living]
        if all(part in judges for part in parts):
            _done(session, whole.name, actor, "judged by its parts")


def _done(session: Session, name: str, actor: str, reason: str) -> None:
    end_reign(session, name, datetime.now(UTC))
    note(session, actor, "relieve", name, reason=reason)
    session.flush()


def _living(session: Session, name: str) -> Pattern:
    pattern = _get(session, name)
    if pattern.status not in LIVING:
        raise RegistryError(
            f"expected a pattern that is new or active, found {name}, which is {pattern.status}"
        )
    return pattern


def _get(session: Session, name: str) -> Pattern:
    pattern = session.get(Pattern, name)
    if pattern is None:
        raise RegistryError(f"expected a pattern {name}, found none in this database")
    return pattern


def _row(p: Pattern) -> PatternRow:
    return PatternRow(
        p.name, p.title, p.status, p.parent, p.batch_id, p.centroid, p.created_at, p.centre_backbone
    )
