"""The models of one pattern: which there are, which judged when, and what the gate said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.frame import View
from dashboard.patterns import called
from dashboard.translations import Language
from technopro import registry
from technopro.registry import AuditRow, DeploymentRow, ModelRow, PatternRow
from technopro.registry.made import Made, made
from technopro.registry.retention import pruned_weights

ENTRIES = 500  # of the audit log of a pattern, newest first


DEEDS = ("promote", "refuse", "roll back")


@dataclass(frozen=True)
class Checked:
    """One check of the gate as it was recorded."""

    words: str  # in English
    passed: bool | None = None  # None: recorded before checks were kept one by one
    key: str = ""  # of what it is called in any language
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """What was decided about a version when it was to become champion, and why."""

    at: datetime
    actor: str
    version: str
    deed: str
    checks: Sequence[Checked]

    @property
    def refused(self) -> bool:
        return self.deed == "refuse"

    @property
    def by_gate(self) -> bool:
        """Whether the gate decided, not a person or an alarm."""
        return self.actor.startswith("run ") and self.deed != "roll back"


@dataclass(frozen=True)
class History:
    """Everything about the models of one pattern."""

    pattern: PatternRow
    versions: Sequence[Made]  # newest first
    reigns: Sequence[DeploymentRow]  # newest first
    said: Sequence[Word]  # newest first
    pruned: Collection[int]  # ids of models whose weights are gone
    earlier: ModelRow | None  # that a rollback would go back to

    @property
    def reign(self) -> DeploymentRow | None:
        """The reign that lasts."""
        return next((reign for reign in self.reigns if reign.until is None), None)

    def status(self, model: Made) -> str:
        """Return a version's status; `refused` where the last word on it was no."""
        return "refused" if model.status != "champion" and self.refused(model) else model.status

    def refused(self, model: Made) -> bool:
        """Return whether the last word on a version was no."""
        last = next((word for word in self.said if word.version == model.version), None)
        return last is not None and last.refused

    def promotable(self) -> list[Made]:
        """Return the versions that a person may make champion: judged fit once, and still there."""
        return [
            one
            for one in self.versions
            if self.status(one) in ("retired", "challenger") and one.id not in self.pruned
        ]


def history(view: View, pattern: PatternRow) -> History:
    """Return everything about the models of a pattern."""
    with view.session() as session:
        return History(
            pattern,
            made(session, pattern.name),
            registry.deployments(session, pattern.name),
            words(registry.audit_rows(session, pattern.name, limit=ENTRIES)),
            pruned_weights(session),
            registry.earlier_champion(session, pattern.name),
        )


def words(rows: Sequence[AuditRow]) -> list[Word]:
    """Return what changes say of champions; an old one's reason is sentences joined by `; `."""
    return [
        Word(
            row.at,
            row.actor,
            str(row.details.get("version", "")),
            row.action,
            _checked(row.details),
        )
        for row in rows
        if row.action in DEEDS
    ]


def _checked(details: Mapping[str, Any]) -> list[Checked]:
    kept = details.get("checks") or ()
    if not kept:
        return [Checked(words) for words in str(details.get("reason", "")).split("; ") if words]
    return [
        Checked(one["words"], one["passed"], "_".join(filter(None, (one["name"], one["case"]))),
                one["figures"])
        for one in kept
    ]  # fmt: skip


def by_whom(actor: str, say: Language) -> str:
    """Return who did something: a person's name, or that a run did it by itself."""
    kind, _, run_id = actor.partition(" ")
    return say("by_itself", run=run_id[:8]) if kind == "run" and run_id else actor


def name_of(pattern: PatternRow) -> str:
    """Return what people call a pattern."""
    return called(pattern.name, pattern.title)
