"""Point in time: who judged an image, at which threshold, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro import results
from technopro.errors import RegistryError
from technopro.registry.audit import AuditRow, audit_rows
from technopro.registry.deployments import DeploymentRow, champion_at
from technopro.registry.tables import BatchImage, DefectRate, Image, ModelVersion, Prediction, Run

SHOWN = 5  # images that a text may mean


@dataclass(frozen=True)
class Judgement:
    """One decision on one image, with all that it rested on."""

    sha256: str
    paths: tuple[str, ...]  # under which batches brought the image
    run_id: str
    judged_at: datetime
    pattern: str
    model_id: int
    version: str
    score: float
    decision: results.Decision
    fault: str | None
    like: str | None  # of a copy: SHA-256 of the image it repeats
    threshold: float
    review_threshold: float
    separable: bool  # whether the night told good and bad of the pattern apart
    seed: int
    champion: DeploymentRow | None  # of the pattern, at the moment of the judgement
    changes: tuple[AuditRow, ...]  # to the pattern since then, newest first


def find_image(session: Session, text: str) -> str:
    """Return the SHA-256 of an image by its SHA-256, the start of it, or its path in a batch.

    Raises RegistryError where none or several fit.
    """
    by_path = select(BatchImage.sha256).where(BatchImage.path == text).distinct().limit(SHOWN)
    found = set(session.scalars(by_path)) or _by_hash(session, text.lower())
    if not found:
        raise RegistryError(
            f"expected an image {text!r}, found none; give its path in its batch, as in "
            "predictions.csv, or the start of its SHA-256"
        )
    if len(found) > 1:
        shown = ", ".join(sorted(sha256[:12] for sha256 in found))
        raise RegistryError(
            f"expected one image {text!r}, found several; give the start of its SHA-256: {shown}"
        )
    return found.pop()


def _by_hash(session: Session, start: str) -> set[str]:
    """Return a few; asked as a range, which an index serves in every collation."""
    if not start or set(start) - set("0123456789abcdef"):
        return set()
    begins = (Image.sha256 >= start) & (Image.sha256 < f"{start}g")
    return set(session.scalars(select(Image.sha256).where(begins).limit(SHOWN)))


def judgements(session: Session, sha256: str, before: datetime | None = None) -> list[Judgement]:
    """Return every decision ever made on an image (until `before`), newest first."""
    wanted = (
        select(Prediction, Run, ModelVersion.version, DefectRate)
        .join(Run, Run.id == Prediction.run_id)
        .join(ModelVersion, ModelVersion.id == Prediction.model_id)
        .join(
            DefectRate,
            (DefectRate.run_id == Prediction.run_id) & (DefectRate.pattern == Prediction.pattern),
        )
        .where(Prediction.sha256 == sha256)
        .order_by(Run.started_at.desc(), Run.id)
    )
    if before is not None:
        wanted = wanted.where(func.coalesce(Run.finished_at, Run.started_at) <= before)
    paths = select(BatchImage.path).where(BatchImage.sha256 == sha256).distinct()
    known_as = tuple(sorted(session.scalars(paths)))
    return [
        _judgement(session, known_as, prediction, run, version, rate)
        for prediction, run, version, rate in session.execute(wanted)
    ]


def _judgement(
    session: Session,
    paths: tuple[str, ...],
    prediction: Prediction,
    run: Run,
    version: str,
    rate: DefectRate,
) -> Judgement:
    moment = run.finished_at or run.started_at
    return Judgement(
        prediction.sha256,
        paths,
        run.id,
        moment,
        prediction.pattern,
        prediction.model_id,
        version,
        prediction.score,
        results.Decision(prediction.decision),
        prediction.fault,
        prediction.like,
        rate.threshold,
        rate.review_threshold,
        rate.separable,
        run.seed or 0,
        champion_at(session, prediction.pattern, moment),
        tuple(audit_rows(session, prediction.pattern, after=moment)),
    )
