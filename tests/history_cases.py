"""What the registry promises about its history; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from registry_cases import BACKBONE, add_model, batch, image, ingest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from technopro import registry, results
from technopro.errors import InputError, RegistryError, TechnoproError
from technopro.registry import tables, upkeep
from technopro.registry.engine import alembic_config, migrate


def record_night(engine: Engine, batch_id: int, model_id: int, version: str, score: float) -> str:
    """Record a finished scoring run in which image 0 got a score; returns the run's id."""
    rate = results.PatternNight(
        "p-1", 5, True, results.Estimate(0.1, 0.05, 0.2), 0.5, 0.05, 1,
        results.Estimate(0.9, 0.8, 1.0), version,
    )  # fmt: skip
    decision = results.Decision.DEFECT if score >= 0.5 else results.Decision.OK
    said = results.Prediction(image(0).sha256, "p-1", score, decision, version)
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, "score", {}, seed=7, device="cpu")
        registry.record_night(session, run, batch_id, [said], [rate], {"p-1": model_id}, {})
        registry.finish_run(session, run, "completed")
        session.commit()
    return run


def counts(engine: Engine, names: Sequence[str]) -> dict[str, int]:
    """Rows a table."""
    with engine.connect() as connection:
        return {
            name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())  # noqa: S608
            for name in names
        }


class HistoryCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_reigns_follow_each_other_without_a_gap(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        between = datetime.now(UTC)
        add_model(engine, run, batch_id, "v2")
        with registry.unit_of_work(engine) as session:
            second, first = registry.deployments(session, "p-1")
            then = registry.champion_at(session, "p-1", between)
            assert registry.champion_at(session, "p-1", datetime(2020, 1, 1, tzinfo=UTC)) is None
        assert (first.version, second.version) == ("v1", "v2")
        assert (first.until, second.until) == (second.since, None)
        assert then == first

    def test_promoting_the_champion_changes_nothing(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        with registry.unit_of_work(engine) as session:
            assert not registry.promote(session, model, actor="qa", reason="again")
            assert len(registry.deployments(session, "p-1")) == 1

    def test_one_call_rolls_back_and_twice_goes_two_back(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        for version in ("v1", "v2", "v3"):
            add_model(engine, run, batch_id, version)
        with registry.unit_of_work(engine) as session:
            for expected in ("v2", "v1"):
                reign = registry.roll_back(session, "p-1", actor="qa", reason="too many alarms")
                assert (reign.version, reign.actor, reign.until) == (expected, "qa", None)
                assert registry.champions(session)["p-1"].version == expected
            with pytest.raises(RegistryError, match="found none"):
                registry.roll_back(session, "p-1", actor="qa", reason="again")
            entry = registry.audit_rows(session, "p-1")[0]
        assert entry.action == "roll back"
        assert (entry.details["before"], entry.details["version"]) == ("v2", "v1")

    def test_a_rollback_skips_what_was_rolled_back_from(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        for version in ("v1", "v2"):
            add_model(engine, run, batch_id, version)
        with registry.unit_of_work(engine) as session:
            registry.roll_back(session, "p-1", actor="qa", reason="v2 is bad")
            session.commit()
        add_model(engine, run, batch_id, "v3")
        with registry.unit_of_work(engine) as session:
            reign = registry.roll_back(session, "p-1", actor="qa", reason="so is v3")
        assert reign.version == "v1"

    def test_thresholds_have_a_history(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        with registry.unit_of_work(engine) as session:
            assert registry.thresholds(session) == {}
            for defect in (0.6, 0.7):
                registry.set_thresholds(
                    session, "p-1", defect=defect, review=0.1, actor="qa", reason="fewer alarms"
                )
            now = registry.thresholds(session)["p-1"]
            newest, oldest = registry.threshold_history(session, "p-1")
            entry = registry.audit_rows(session, "p-1")[0]
        assert now == newest
        assert (newest.defect, oldest.defect, oldest.until) == (0.7, 0.6, newest.since)
        assert entry.details["before"] == [0.6, 0.1]

    @pytest.mark.parametrize(
        ("defect", "review", "reason", "told"),
        [(0.2, 0.5, "x", "0.5 and 0.2"), (1.5, 0.5, "x", "1.5"), (0.5, 0.1, " ", "say which")],
    )
    def test_impossible_thresholds_are_refused(
        self, engine: Engine, defect: float, review: float, reason: str, told: str
    ) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        with (
            registry.unit_of_work(engine) as session,
            pytest.raises(InputError, match=told),
        ):
            registry.set_thresholds(
                session, "p-1", defect=defect, review=review, actor="qa", reason=reason
            )

    @pytest.mark.parametrize(
        "change", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"]
    )
    def test_the_audit_log_only_grows(self, engine: Engine, change: str) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        with (
            engine.connect() as connection,
            pytest.raises(DBAPIError, match="only grows"),
        ):
            connection.execute(text(change))
        with registry.unit_of_work(engine) as session:
            assert len(registry.audit_rows(session)) == 1

    def test_a_model_knows_its_images_and_its_parent(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        first = add_model(engine, run, batch_id, "v1")
        second = add_model(engine, run, batch_id, "v2")
        with registry.unit_of_work(engine) as session:
            model = registry.model_by_id(session, second)
            assert model.parent_id == first
            assert registry.model_by_id(session, first).parent_id is None
            learned = registry.snapshot_images(session, model.snapshot_id or "")
            assert [m.id for m in registry.model_versions(session, "p-1")] == [second, first]
        assert learned == [image(i).sha256 for i in range(5)]

    def test_who_judged_an_image_and_what_changed_since(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        first = add_model(engine, run, batch_id, "v1")
        early = record_night(engine, batch_id, first, "v1", 0.2)
        between = datetime.now(UTC)
        second = add_model(engine, run, batch_id, "v2")
        late = record_night(engine, batch_id, second, "v2", 0.9)
        with registry.unit_of_work(engine) as session:
            sha256 = registry.find_image(session, "000.png")
            assert registry.find_image(session, sha256) == sha256
            now = registry.judgements(session, sha256)
            then = registry.judgements(session, sha256, before=between)
        assert [j.run_id for j in now] == [late, early]
        assert [j.run_id for j in then] == [early]
        old = then[0]
        assert (old.version, old.score, old.decision, old.seed) == ("v1", 0.2, "ok", 7)
        assert old.champion is not None
        assert old.champion.model_id == first
        assert [c.details["version"] for c in old.changes] == ["v2"]
        assert set(old.paths) == {"000.png", "twin.png"}
        assert now[0].changes == ()

    def test_an_image_is_found_by_its_hash_or_not_at_all(self, engine: Engine) -> None:
        ingest(engine)
        with registry.unit_of_work(engine) as session:
            assert registry.find_image(session, image(3).sha256) == image(3).sha256
            for vague in ("000000", "%", "nowhere.png"):
                with pytest.raises(RegistryError, match=r"expected (an|one) image"):
                    registry.find_image(session, vague)

    def test_the_same_snapshot_is_recorded_once(self, engine: Engine) -> None:
        ingest(engine, batch(4))
        hashes = [image(i).sha256 for i in range(4)]
        with registry.unit_of_work(engine) as session:
            first = registry.record_snapshot(session, hashes)
            again = registry.record_snapshot(session, [*reversed(hashes), hashes[0]])
            other = registry.record_snapshot(session, hashes[:3])
            assert registry.snapshot_images(session, first) == hashes
        assert first == again != other

    def test_rows_survive_the_way_down_and_up_again(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        record_night(engine, batch_id, add_model(engine, run, batch_id, "v2"), "v2", 0.9)
        with registry.unit_of_work(engine) as session:
            registry.roll_back(session, "p-1", actor="qa", reason="v2 is bad")
            session.commit()
        first = ("runs", "images", "batches", "batch_images", "quarantine", "patterns",
                 "model_versions", "predictions", "defect_rates")  # fmt: skip
        before = counts(engine, first)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            command.downgrade(alembic_config(connection), "0001")
            connection.commit()
            assert counts(engine, first) == before
            migrate(connection)
        assert counts(engine, first) == before
        assert min(before.values()) > 0
        with registry.unit_of_work(engine) as session:
            (reign,) = registry.deployments(session, "p-1")
            backbone = registry.patterns(session)["p-1"].backbone
            session.get_one(tables.ModelVersion, model + 1).status = "champion"
            with pytest.raises(IntegrityError):
                session.flush()
        assert (reign.model_id, reign.actor, reign.until) == (model, "migration", None)
        assert backbone == BACKBONE.sha256  # of its newest model

    def test_a_copy_brings_back_what_was_lost(self, engine: Engine, tmp_path: Path) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        assert upkeep.check(engine) == []
        upkeep.backup(engine, tmp_path / "copy")
        add_model(engine, run, batch_id, "v2")
        upkeep.restore(engine, tmp_path / "copy")
        with registry.unit_of_work(engine) as session:
            assert registry.champions(session)["p-1"].version == "v1"
            assert len(registry.deployments(session, "p-1")) == 1
        assert upkeep.check(engine) == []
        with pytest.raises(InputError, match="never overwritten"):
            upkeep.backup(engine, tmp_path / "copy")

    def test_a_damaged_copy_changes_nothing(self, engine: Engine, tmp_path: Path) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        (tmp_path / "copy").write_bytes(b"no database" * 1000)
        with pytest.raises(TechnoproError):
            upkeep.restore(engine, tmp_path / "copy")
        with registry.unit_of_work(engine) as session:
            assert "p-1" in registry.champions(session)
