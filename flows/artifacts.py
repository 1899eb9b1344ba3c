"""What a flow shows of its work in Prefect: a summary to read, and a table a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from sqlalchemy import Engine

from technopro import registry
from technopro.results import PatternNight
from technopro.settings import Settings

SETTLED = {"promote": "champion", "refuse": "refused"}


def show_learned(engine: Engine, run_id: str) -> None:
    """Publish what a retrain came to: a row a pattern, with the reasons."""
    with registry.unit_of_work(engine) as session:
        run = registry.run_row(session, run_id)
        decided = registry.audit_rows(session, actor=f"run {run_id}", after=run.started_at)
        titles = _titles(registry.patterns(session))
    table = [
        {
            "pattern": titles.get(row.subject, row.subject),
            "model": row.details["version"],
            "is": SETTLED[row.action],
            "why": row.details["reason"],
        }
        for row in reversed(decided)
        if row.action in SETTLED
    ]
    took = ", ".join(f"{stage} {value:.0f} s" for stage, value in run.figures["seconds"].items())
    if table:
        words = f"A row a pattern that was learned. Time: {took}."
        create_table_artifact(key="learned", table=table, description=words)
    else:
        words = (
            "Nothing was left to do: no pattern is new, has changed, or was changed by people, "
            "unless a run that died had settled it."
        )
        create_markdown_artifact(f"{words} Time: {took}.", key="learned")


def show_night(engine: Engine, run_id: str) -> None:
    """Publish a night: what it came to and what waits for a person, and a row a pattern."""
    with registry.unit_of_work(engine) as session:
        night = registry.night(session, run_id)
        titles = _titles(registry.patterns(session))
        alerts = registry.open_alerts(session)
    images, flagged = sum(n.images for n in night), sum(n.flagged for n in night)
    lines = [
        f"**{flagged} of {images} parts called defective**, {len(night)} patterns.",
        f"Run `{run_id}`; `technopro night` prints it.",
        _pictures(run_id, night, titles),
        "### What waits for a person",
        *([f"- **{alert.level}**: {alert.words}" for alert in alerts] or ["Nothing."]),
    ]
    create_markdown_artifact("\n\n".join(lines), key="tonight")
    create_table_artifact(
        key="night",
        description="Defects a pattern; the share is an estimate with its 90 % interval.",
        table=_night_table(night, titles),
    )


def _night_table(night: Sequence[PatternNight], titles: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "pattern": titles.get(n.pattern, n.pattern),
            "images": n.images,
            "share": f"{n.defect_share.estimate:.1%}" if n.separable else "not known",
            "from": f"{n.defect_share.low:.1%}",
            "to": f"{n.defect_share.high:.1%}",
            "flagged": n.flagged,
            "threshold": n.threshold,
            "own AUC estimate": f"{n.quality.estimate:.3f}",
            "separable": n.separable,
            "model": n.model_version,
        }
        for n in night
    ]


def _pictures(run_id: str, night: Sequence[PatternNight], titles: dict[str, str]) -> str:
    address = Settings().dashboard_url
    if address is None:
        return "The dashboard shows the pictures."
    page = f"{address.rstrip('/')}/?{urlencode({'run': run_id})}"
    patterns = ", ".join(
        f"[{titles.get(n.pattern, n.pattern)}]({page}&{urlencode({'pattern': n.pattern})})"
        for n in night
    )
    return f"[Pictures of the night]({page}): {patterns}"


def _titles(patterns: dict[str, registry.PatternRow]) -> dict[str, str]:
    return {name: f"{row.title} ({name})" for name, row in patterns.items() if row.title}
