"""What the registry promises of runs that die; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from registry_cases import batch, image, ingest
from sqlalchemy import Engine, update

from technopro import registry
from technopro.errors import RegistryError
from technopro.registry import objects, tables

MINUTES = timedelta(minutes=10)


def start(engine: Engine, kind: str = "score", silent_for: timedelta = timedelta(0)) -> str:
    """Start a run whose last sign of life is so long ago; returns its id."""
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, kind, {}, seed=0, device="cpu")
        last = datetime.now(UTC) - silent_for
        session.execute(update(tables.Run).where(tables.Run.id == run).values(alive_at=last))
        session.commit()
    return run


class RunCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_a_run_keeps_what_its_result_depends_on(self, engine: Engine) -> None:
        run = start(engine)
        with registry.unit_of_work(engine) as session:
            kept = registry.run_row(session, run).environment
        assert {"python", "torch", "timm", "numpy"} <= set(kept["versions"])
        assert {"host", "platform", "process"} <= set(kept)

    def test_only_silent_runs_are_closed(self, engine: Engine) -> None:
        silent, lively = start(engine, silent_for=2 * MINUTES), start(engine)
        ended = start(engine, silent_for=2 * MINUTES)
        with registry.unit_of_work(engine) as session:
            registry.finish_run(session, ended, "completed")
            assert [r.id for r in registry.stale_runs(session, MINUTES)] == [silent]
            closed = registry.close_stale(session, MINUTES)
            assert registry.close_stale(session, MINUTES) == []
            session.commit()
        with registry.unit_of_work(engine) as session:
            states = {r: registry.run_row(session, r).state for r in (silent, lively, ended)}
        assert states == {silent: "failed", lively: "running", ended: "completed"}
        assert [c.id for c in closed] == [silent]
        assert "no sign of life" in (closed[0].message or "")
        assert closed[0].finished_at == closed[0].alive_at

    def test_a_sign_of_life_keeps_a_run_open(self, engine: Engine) -> None:
        run = start(engine, silent_for=2 * MINUTES)
        with registry.unit_of_work(engine) as session:
            registry.beat(session, run)
            session.commit()
            assert registry.close_stale(session, MINUTES) == []

    def test_a_closed_run_shows_no_life(self, engine: Engine) -> None:
        run = start(engine, silent_for=2 * MINUTES)
        with registry.unit_of_work(engine) as session:
            (closed,) = registry.close_stale(session, MINUTES)
            registry.beat(session, run)
            session.commit()
            session.expire_all()
            assert registry.run_row(session, run).alive_at == closed.alive_at

    def test_a_run_from_before_the_signs_of_life_goes_by_its_start(self, engine: Engine) -> None:
        run = start(engine)
        with registry.unit_of_work(engine) as session:
            old = {
                "alive_at": None,
                "environment": None,
                "started_at": datetime(2026, 1, 1, tzinfo=UTC),
            }
            session.execute(update(tables.Run).where(tables.Run.id == run).values(old))
            session.commit()
            assert [r.id for r in registry.close_stale(session, MINUTES)] == [run]

    def test_every_image_lies_in_one_piece(self, engine: Engine) -> None:
        """Ranges of digits and letters sort as they should in the database's own collation."""
        hashes = [f"{n:02x}{n:062x}" for n in range(256)] + ["f" * 64, "0" * 64]
        images = tuple(replace(image(0), path=h, sha256=h, key=h) for h in hashes)
        ingest(engine, replace(batch(0), images=images))
        with registry.unit_of_work(engine) as session:
            found = {p: objects.stored_images(session, p) for p in objects.PIECES}
        assert {i.sha256[:2] for p, own in found.items() for i in own if i.sha256[:2] != p} == set()
        assert sorted(i.sha256 for own in found.values() for i in own) == sorted(set(hashes))

    def test_the_start_of_a_hash_finds_its_image_alone(self, engine: Engine) -> None:
        hashes = ["ab" + 62 * "0", "ab" + 62 * "f", "ac" + 62 * "0"]
        images = tuple(replace(image(0), path=h, sha256=h, key=h) for h in hashes)
        ingest(engine, replace(batch(0), images=images))
        with registry.unit_of_work(engine) as session:
            for start, found in [("ab0", 0), ("abF", 1), ("ac", 2), (hashes[1], 1)]:
                assert registry.find_image(session, start) == hashes[found]
            for vague in ("ab", "a", "ad"):
                with pytest.raises(RegistryError, match=r"expected (an|one) image"):
                    registry.find_image(session, vague)

    def test_of_many_that_bring_a_batch_at_once_one_is_told_it_is_new(self, engine: Engine) -> None:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(ingest, engine, batch(600)) for _ in range(4)]
            told = [one.result() for one in running]
        assert sorted(new for _, _, new in told) == [False, False, False, True], told
        assert len({batch_id for _, batch_id, _ in told}) == 1
