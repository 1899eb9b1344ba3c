"""What the registry promises on every database; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from technopro import registry, results
from technopro.errors import RegistryError
from technopro.registry import tables

BACKBONE = results.Backbone("net", "package: x", "c" * 64)
TOKYO = timezone(timedelta(hours=9))


def image(number: int, path: str | None = None) -> results.ImageRecord:
    sha256 = f"{number:064x}"
    modified = datetime(2026, 1, 2, 3, tzinfo=TOKYO)
    return results.ImageRecord(
        path or f"{number:03}.png", sha256, f"images/{sha256}", 9, 4, 3, "PNG", modified
    )


def batch(count: int = 5) -> results.Batch:
    images = (*(image(i) for i in range(count)), image(0, "twin.png"))
    return results.Batch("/source", images, (results.Quarantined("bad.txt", "empty"),), count)


def ingest(engine: Engine, what: results.Batch | None = None) -> tuple[str, int, bool]:
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, "ingest", {}, seed=0, device="cpu")
        batch_id, created = registry.record_batch(session, run, what or batch())
        session.commit()
    return run, batch_id, created


def add_model(
    engine: Engine, run: str, batch_id: int, version: str, pattern: str = "p-1"
) -> int:  # fmt: skip
    with registry.unit_of_work(engine) as session:
        registry.record_pattern(session, pattern, batch_id=batch_id, centroid=[0.5, 1.5])
        model = registry.record_model(
            session,
            run,
            version,
            pattern,
            weights_key="models/x",
            weights_sha256="d" * 64,
            recipe={"centre": [1.0]},
            metrics={},
            backbone=BACKBONE,
            learned_from=[image(i).sha256 for i in range(5)],
        )
        registry.promote(session, model, actor="test", reason="newest")
        session.commit()
    return model


class RegistryCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_the_schema_is_what_the_models_say(self, engine: Engine) -> None:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, tables.Base.metadata) == []

    def test_nothing_is_kept_without_commit(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session:
            registry.start_run(session, "ingest", {}, seed=0, device="cpu")
        with registry.unit_of_work(engine) as session:
            assert session.scalar(select(func.count()).select_from(tables.Run)) == 0

    def test_a_batch_comes_back_as_it_went_in(self, engine: Engine) -> None:
        _, batch_id, _ = ingest(engine)
        with registry.unit_of_work(engine) as session:
            records = registry.batch_records(session, batch_id)
            assert registry.quarantined(session, batch_id) == batch().quarantined
            assert registry.latest_batch(session) == batch_id
        assert records == tuple(sorted(batch().images, key=lambda r: r.path))
        assert records[0].modified == datetime(2026, 1, 1, 18, tzinfo=UTC)

    def test_the_same_batch_again_changes_nothing(self, engine: Engine) -> None:
        _, first, created = ingest(engine)
        _, second, again = ingest(engine)
        assert (created, again, second) == (True, False, first)
        with registry.unit_of_work(engine) as session:
            assert session.scalar(select(func.count()).select_from(tables.Image)) == 5

    def test_the_same_batch_twice_at_once_is_one_batch(self, engine: Engine) -> None:
        with ThreadPoolExecutor(4) as pool:
            ids = {pool.submit(ingest, engine, batch(300)).result()[1] for _ in range(4)}
            ids |= {
                f.result()[1] for f in [pool.submit(ingest, engine, batch(300)) for _ in "1234"]
            }
        assert len(ids) == 1

    def test_one_champion_a_pattern(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        first = add_model(engine, run, batch_id, "v1")
        second = add_model(engine, run, batch_id, "v2")
        with registry.unit_of_work(engine) as session:
            assert registry.champions(session)["p-1"].id == second
            session.get_one(tables.ModelVersion, first).status = "champion"
            with pytest.raises(IntegrityError):
                session.flush()

    def test_a_night_comes_back_as_it_went_in(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        night = results.PatternNight(
            "p-1", 5, True, results.Estimate(0.1, 0.05, 0.2), 0.5, 0.05, 1,
            results.Estimate(0.9, 0.8, 1.0), "v1",
        )  # fmt: skip
        predictions = [
            results.Prediction(image(i).sha256, "p-1", i / 5, results.Decision.OK, "v1")
            for i in range(5)
        ]
        for _ in range(2):  # the second time changes nothing
            with registry.unit_of_work(engine) as session:
                heat = {image(4).sha256: "heat/4.png"}
                registry.record_night(
                    session, run, batch_id, predictions, [night], {"p-1": model}, heat
                )
                session.commit()
        with registry.unit_of_work(engine) as session:
            assert registry.night(session, run) == [night]
            scores = registry.scores(session, run)
            worst = registry.worst(session, run, "p-1", limit=2)
            assert [n.run_id for n in registry.nights(session)] == [run]
        assert len(scores) == 6  # the twin has its own row
        assert [w.sha256 for w in worst] == [image(4).sha256, image(3).sha256]
        assert worst[0].heat_key == "heat/4.png"

    def test_the_pattern_with_the_largest_share_comes_first(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        models = {name: add_model(engine, run, batch_id, "v1", name) for name in ("a", "b", "c")}
        nights = [
            results.PatternNight(
                name, images, True, results.Estimate(share, 0.0, 0.5), 0.5, 0.05, 1,
                results.Estimate(0.9, 0.8, 1.0), "v1",
            )
            for name, images, share in (("a", 9, 0.1), ("b", 5, 0.3), ("c", 7, 0.2))
        ]  # fmt: skip
        with registry.unit_of_work(engine) as session:
            registry.record_night(session, run, batch_id, [], nights, models, {})
            assert [n.pattern for n in registry.night(session, run)] == ["b", "c", "a"]

    def test_a_prediction_of_an_unknown_image_is_refused(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        stray = results.Prediction("f" * 64, "p-1", 0.5, results.Decision.OK, "v1")
        with registry.unit_of_work(engine) as session, pytest.raises(IntegrityError):
            registry.record_night(session, run, batch_id, [stray], [], {"p-1": model}, {})

    def test_a_score_outside_0_to_1_is_refused(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        odd = results.Prediction(image(1).sha256, "p-1", 1.5, results.Decision.OK, "v1")
        with registry.unit_of_work(engine) as session, pytest.raises(IntegrityError):
            registry.record_night(session, run, batch_id, [odd], [], {"p-1": model}, {})

    def test_a_failed_run_says_why(self, engine: Engine) -> None:
        run, _, _ = ingest(engine)
        with registry.unit_of_work(engine) as session:
            registry.finish_run(session, run, "failed", message="disk full")
            session.commit()
        with registry.unit_of_work(engine) as session:
            row = registry.run_row(session, run)
        assert (row.state, row.message) == ("failed", "disk full")
        assert row.finished_at is not None
        assert row.finished_at.tzinfo is UTC

    def test_unknown_things_are_named(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session:
            with pytest.raises(RegistryError, match="batch 99"):
                registry.batch_records(session, 99)
            with pytest.raises(RegistryError, match="run nowhere"):
                registry.run_row(session, "nowhere")
