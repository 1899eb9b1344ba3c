"""Made-up rows of a plant that has run for long: every table that a night writes to, in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, Table, insert, select, text
from sqlalchemy.orm import Session

from technopro import registry
from technopro.registry import tables
from technopro.registry.tables import Base

PATTERNS = tuple(f"p-{number}" for number in range(8))
LINES = ("line-1", "line-2")
FIRST_NIGHT = datetime(2025, 10, 20, 17, tzinfo=UTC)
AGAIN = 20  # every so many nights, one is scored a second time
PROMOTED = 2  # of so many new models, one becomes champion
VERDICTS = 20  # a night
CHUNK = 20  # nights in one transaction
Row = tuple[Any, ...]
BACKBONE = {"backbone_name": "net", "backbone_source": "package", "backbone_sha256": "b" * 64}


@dataclass(frozen=True)
class Size:
    """How much to make up."""

    nights: int
    images: int  # a night


@dataclass(frozen=True)
class Made:
    """The images of one night, an entry an image."""

    number: int
    hashes: list[str]
    patterns: np.ndarray  # index into PATTERNS
    scores: np.ndarray  # 0 to 1
    ingest: str
    retrain: str
    runs: tuple[str, ...]  # of scoring

    @property
    def at(self) -> datetime:
        return FIRST_NIGHT + timedelta(days=self.number)

    @property
    def batch_id(self) -> int:
        return self.number + 1

    def model_id(self, pattern: int) -> int:
        return self.number * len(PATTERNS) + pattern + 1


def fill_if_empty(engine: Engine, size: Size) -> bool:
    """Fill a database that has no image; return whether it was empty."""
    with Session(engine) as session:
        empty = session.scalar(select(tables.Image.sha256).limit(1)) is None
    if empty:
        _fill(engine, size)
    return empty


def _fill(engine: Engine, size: Size) -> None:
    """Fill an empty database, then let it count what it has."""
    for start in range(0, size.nights, CHUNK):
        made = [_made(n, size) for n in range(start, min(start + CHUNK, size.nights))]
        with Session(engine) as session:
            for night in made:
                _parents(session, night)
            _children(session, made)
            for night in made:
                _figures(session, night)
            session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _made(number: int, size: Size) -> Made:
    random = np.random.default_rng(number)
    hashes = [_digest(f"{number}/{i}") for i in range(size.images)]
    patterns = random.integers(0, len(PATTERNS), size.images)
    odd = random.random(size.images) < 0.05
    scores = np.where(odd, random.beta(8, 2, size.images), random.beta(1, 12, size.images))
    scorings = 2 if number % AGAIN == 0 else 1
    run = [_digest(f"run {number} {i}")[:36] for i in range(2 + scorings)]
    return Made(number, hashes, patterns, scores, run[0], run[1], tuple(run[2:]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parents(session: Session, night: Made) -> None:
    """What the many rows refer to: runs, batch, patterns, models, snapshots."""
    kinds = [(night.ingest, "ingest"), (night.retrain, "retrain")]
    kinds += [(run, "score") for run in night.runs]
    _add(session, tables.Run, [_run(night, *kind, i) for i, kind in enumerate(kinds)])
    batch = {"id": night.batch_id, "run_id": night.ingest, "digest": _digest(f"b{night.number}"),
             "source": f"/plant/{night.at:%Y-%m-%d}", "line": LINES[night.number % len(LINES)],
             "images": len(night.hashes), "quarantined": 3, "created_at": night.at}  # fmt: skip
    _add(session, tables.Batch, [batch])
    reasons = [{"batch_id": night.batch_id, "path": f"bad-{i}.png", "reason": "truncated"}
               for i in range(3)]  # fmt: skip
    _add(session, tables.Quarantine, reasons)
    if night.number == 0:
        names = [{"name": name, "batch_id": 1, "centroid": [0.0], "status": "active"}
                 for name in PATTERNS]  # fmt: skip
        _add(session, tables.Pattern, names)
    snapshots = [{"id": _snapshot(night, p), "images": 1} for p in range(len(PATTERNS))]
    _add(session, tables.Snapshot, snapshots)
    _add(session, tables.ModelVersion, [_model(night, p) for p in range(len(PATTERNS))])


def _run(night: Made, run_id: str, kind: str, place: int) -> dict[str, Any]:
    started = night.at + timedelta(minutes=10 * place)
    return {"id": run_id, "kind": kind, "state": "completed", "parameters": {}, "seed": 0,
            "code_version": "1", "environment": {"versions": {}}, "device": "cpu",
            "started_at": started, "alive_at": started, "figures": {},
            "finished_at": started + timedelta(minutes=9)}  # fmt: skip


def _model(night: Made, pattern: int) -> dict[str, Any]:
    name = PATTERNS[pattern]
    return {"id": night.model_id(pattern), "version": f"v{night.number}", "pattern": name,
            "run_id": night.retrain, "status": "retired", "weights_sha256": "d" * 64,
            "weights_key": f"models/v{night.number}/{name}.safetensors", "metrics": {},
            "recipe": {"centre": [0.0] * 100}, "snapshot_id": _snapshot(night, pattern),
            "parent_id": None, "created_at": night.at, **BACKBONE}  # fmt: skip


def _snapshot(night: Made, pattern: int) -> str:
    return _digest(f"snapshot {night.number} {pattern}")


def _children(session: Session, made: Sequence[Made]) -> None:
    """The many rows: a few for every image."""
    _bulk(session, tables.Image, ("sha256", "key", "size_bytes", "width", "height", "format",
                                  "first_seen_at"), _images(made))  # fmt: skip
    _bulk(session, tables.BatchImage, ("batch_id", "path", "sha256"), _paths(made))
    _bulk(session, tables.SnapshotImage, ("snapshot_id", "sha256"), _learned(made))
    columns = ("run_id", "sha256", "pattern", "model_id", "distance", "score", "decision",
               "heat_key")  # fmt: skip
    _bulk(session, tables.Prediction, columns, _predictions(made))


def _images(made: Iterable[Made]) -> list[Row]:
    """In the order of the keys, as the product inserts them."""
    return sorted((sha, f"images/{sha[:2]}/{sha}", 200_000, 512, 512, "PNG", night.at)
                  for night in made for sha in night.hashes)  # fmt: skip


def _paths(made: Iterable[Made]) -> list[Row]:
    return [(n.batch_id, f"{n.at:%Y%m%d}-{i:05}.png", sha)
            for n in made for i, sha in enumerate(n.hashes)]  # fmt: skip


def _learned(made: Iterable[Made]) -> list[Row]:
    return sorted((_snapshot(n, p), sha) for n in made
                  for p, sha in zip(n.patterns, n.hashes, strict=True))  # fmt: skip


def _predictions(made: Iterable[Made]) -> list[Row]:
    return sorted(
        (run, sha, PATTERNS[p], n.model_id(p), 1.0, s, _decision(s),
         f"heat/{run}/{sha}.png" if s > 0.5 else None)
        for n in made for run in n.runs
        for sha, p, s in zip(n.hashes, n.patterns.tolist(), n.scores.tolist(), strict=True)
    )  # fmt: skip


def _decision(score: float) -> str:
    return "defect" if score >= 0.7 else "review" if score >= 0.5 else "ok"


def _figures(session: Session, night: Made) -> None:
    """What a night says of its patterns, and what people did."""
    rates = [_rate(night, run, p) for run in night.runs for p in range(len(PATTERNS))]
    _add(session, tables.DefectRate, rates)
    drift = [{"run_id": night.runs[-1], "kind": kind, "pattern": name, "statistic": "psi",
              "value": 0.1, "p_value": 0.5, "low": None, "high": None, "level": "steady",
              "words": "as usual"} for kind in ("scores", "embedding", "novelty")
             for name in PATTERNS]  # fmt: skip
    _add(session, tables.DriftFigure, drift)
    said = [{"run_id": night.runs[-1], "sha256": sha, "at": night.at, "actor": "qa", "label": "ok",
             "lane": "audit", "reason": None} for sha in night.hashes[:VERDICTS]]  # fmt: skip
    _add(session, tables.Verdict, said)
    if night.number % 5 == 0:
        alert = {"topic": f"drift p-0 {night.number}", "level": "warning", "words": "drifted",
                 "run_id": night.runs[-1], "pattern": "p-0", "raised_at": night.at,
                 "closed_at": night.at + timedelta(hours=5), "closed_by": "qa"}  # fmt: skip
        _add(session, tables.Alert, [alert])
    for pattern in range(len(PATTERNS)):
        _reign(session, night, pattern)


def _rate(night: Made, run: str, pattern: int) -> dict[str, Any]:
    own = night.scores[night.patterns == pattern]
    flagged = int((own >= 0.7).sum())
    share = flagged / max(1, len(own))
    found = {"images": len(own), "flagged": flagged, "separable": True, "share": share,
             "share_low": share / 2, "share_high": min(1.0, 2 * share), "threshold": 0.7,
             "review_threshold": 0.5, "quality": 0.95, "quality_low": 0.9,
             "quality_high": 1.0}  # fmt: skip
    whose = {"run_id": run, "pattern": PATTERNS[pattern], "batch_id": night.batch_id}
    return {**whose, "model_id": night.model_id(pattern), **found}


def _reign(session: Session, night: Made, pattern: int) -> None:
    """Promote or refuse the night's model, as the product does; now and then another threshold."""
    model, name = night.model_id(pattern), PATTERNS[pattern]
    if (night.number + pattern) % PROMOTED == 0:
        registry.promote(session, model, actor=f"run {night.retrain}", reason="no worse " * 20)
    else:
        registry.refuse(session, model, actor=f"run {night.retrain}", reason="worse", checks=[])
    if (night.number + pattern) % 50 == 0:
        registry.set_thresholds(
            session, name, defect=0.7, review=0.5, actor="qa", reason="fewer alarms"
        )


def _add(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(table), rows)


def _bulk(session: Session, table: type[Base], columns: Sequence[str], rows: list[Row]) -> None:
    """COPY into PostgreSQL, one prepared statement over and over in SQLite."""
    session.flush()
    named = table.__table__
    assert isinstance(named, Table)
    connection = session.connection().connection.driver_connection
    assert connection is not None
    listed = f"{named.name} ({', '.join(columns)})"
    if session.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" for _ in columns)
        plain = [tuple(_plain(value) for value in row) for row in rows]
        connection.executemany(f"INSERT INTO {listed} VALUES ({marks})", plain)  # noqa: S608
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {listed} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: object) -> object:
    """SQLite keeps times as SQLAlchemy writes them."""
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
