"""What is new in a source, and what waits; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from registry_cases import add_model, batch, image, ingest
from sqlalchemy import Engine

from technopro import registry, results

OPTIONS = {"seed": 0}
SHARE = results.Estimate(0.1, 0.05, 0.2)


def bring(engine: Engine, numbers: Sequence[int], source: str = "/line") -> int:
    """Record a batch of these images, with stamps; returns its id."""
    images = tuple(replace(image(n), stamp=f"s{n}") for n in numbers)
    broken = results.Quarantined("broken.png", "not an image", "s-broken")
    locked = results.Quarantined("locked.png", "no permission to read it")
    return ingest(engine, results.Batch(source, images, (broken, locked)))[1]


def judge(engine: Engine, batch_id: int) -> str:
    """Record a night by a champion; returns its run."""
    run, _, _ = ingest(engine, batch())
    with registry.unit_of_work(engine) as session:
        champion = registry.champions(session).get("p-1")
    model = add_model(engine, run, batch_id, "v1") if champion is None else champion.id
    rate = results.PatternNight("p-1", 5, True, SHARE, 0.5, 0.05, 1, SHARE, "v1")
    with registry.unit_of_work(engine) as session:
        parameters = {"batch": batch_id, **OPTIONS}
        night = registry.start_run(session, "score", parameters, seed=0, device="cpu")
        registry.record_night(session, night, batch_id, [], [rate], {"p-1": model}, {})
        registry.finish_run(session, night, "completed", figures={"sample": "nights/1"})
        session.commit()
    return night


def held(engine: Engine, batch_id: int, **options: int) -> str | None:
    with registry.unit_of_work(engine) as session:
        return registry.still_holds(session, batch_id, {"batch": batch_id, **OPTIONS, **options})


def learn(engine: Engine, batch_id: int, state: str = "completed", **options: int) -> str:
    """Record a retrain; returns its run."""
    with registry.unit_of_work(engine) as session:
        parameters = {"batch": batch_id, **OPTIONS, **options}
        run = registry.start_run(session, "retrain", parameters, seed=0, device="cpu")
        registry.finish_run(session, run, state)
        session.commit()
    return run


def learned(engine: Engine, batch_id: int, **options: int) -> str | None:
    with registry.unit_of_work(engine) as session:
        return registry.already_learned(session, {"batch": batch_id, **OPTIONS, **options})


class ArrivalCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_what_was_brought_is_not_new_unless_its_bytes_are(self, engine: Engine) -> None:
        bring(engine, range(3))
        listed = {
            "000.png": "s0",
            "001.png": "replaced",
            "003.png": "s3",
            "broken.png": "s-broken",
            "locked.png": "any",
        }
        with registry.unit_of_work(engine) as session:
            assert registry.unseen(session, "/line", listed) == ["001.png", "003.png", "locked.png"]
            assert registry.unseen(session, "/elsewhere", listed) == list(listed)

    def test_many_files_are_asked_for_in_parts(self, engine: Engine) -> None:
        bring(engine, range(1200))
        listed = {f"{n:03}.png": f"s{n}" for n in range(1203)}
        with registry.unit_of_work(engine) as session:
            assert registry.unseen(session, "/line", listed) == ["1200.png", "1201.png", "1202.png"]

    def test_files_of_before_the_upgrade_are_stamped_when_they_are_seen_again(
        self, engine: Engine
    ) -> None:
        ingest(engine, results.Batch("/line", (image(0),), ()))
        with registry.unit_of_work(engine) as session:
            assert registry.unseen(session, "/line", {"000.png": "s0"}) == ["000.png"]
        ingest(engine, results.Batch("/line", (replace(image(0), stamp="s0"),), ()))
        with registry.unit_of_work(engine) as session:
            assert registry.unseen(session, "/line", {"000.png": "s0"}) == []

    def test_the_newest_batch_is_the_last_with_images(self, engine: Engine) -> None:
        first = bring(engine, [0])
        bring(engine, [])
        with registry.unit_of_work(engine) as session:
            assert registry.newest_batch(session, "/line") == first
            assert registry.newest_batch(session, "/elsewhere") is None

    def test_the_last_batch_with_enough_of_a_pattern_is_found(self, engine: Engine) -> None:
        judged, _ = bring(engine, [0]), bring(engine, [1])
        judge(engine, judged)
        with registry.unit_of_work(engine) as session:
            assert registry.batch_holding(session, "p-1", 5) == judged
            assert registry.batch_holding(session, "p-1", 6) is None
            assert registry.batch_holding(session, "p-2", 1) is None

    def test_batches_that_were_never_judged_wait(self, engine: Engine) -> None:
        first, judged, left, other, newest = (
            bring(engine, [0]),
            bring(engine, [1]),
            bring(engine, [2]),
            bring(engine, [3], "/elsewhere"),
            bring(engine, [4]),
        )
        judge(engine, judged)
        with registry.unit_of_work(engine) as session:
            assert registry.waiting(session, newest) == [first, left]
            assert registry.waiting(session, judged) == [first]
            assert registry.waiting(session, other) == []

    def test_a_night_holds_while_nothing_changes(self, engine: Engine) -> None:
        batch_id = bring(engine, [0])
        assert held(engine, batch_id) is None
        night = judge(engine, batch_id)
        assert held(engine, batch_id) == night
        assert held(engine, batch_id, seed=1) is None

    @pytest.mark.parametrize("change", ["model", "threshold", "title"])
    def test_a_night_holds_no_longer_once_it_would_come_out_otherwise(
        self, engine: Engine, change: str
    ) -> None:
        batch_id = bring(engine, [0])
        night = judge(engine, batch_id)
        with registry.unit_of_work(engine) as session:
            if change == "threshold":
                registry.set_thresholds(
                    session, "p-1", defect=0.9, review=0.1, actor="qa", reason="fewer alarms"
                )
            elif change == "title":
                registry.set_title(session, "p-1", "bracket", actor="qa")
            session.commit()
        if change == "model":
            run, other, _ = ingest(engine, batch())
            add_model(engine, run, other, "v2")
        assert held(engine, batch_id) == (night if change == "title" else None)

    def test_a_retrain_counts_until_its_night_is_judged(self, engine: Engine) -> None:
        batch_id, other = bring(engine, [0]), bring(engine, [1])
        assert learned(engine, batch_id) is None
        run = learn(engine, batch_id)
        learn(engine, batch_id, "failed")
        assert learned(engine, batch_id) == run
        assert learned(engine, batch_id, seed=1) is None
        assert learned(engine, other) is None
        judge(engine, batch_id)
        assert learned(engine, batch_id) is None

    def test_a_retrain_counts_no_longer_once_people_have_changed_something(
        self, engine: Engine
    ) -> None:
        batch_id = bring(engine, [0])
        judge(engine, batch_id)
        run = learn(engine, batch_id)
        assert learned(engine, batch_id) == run
        with registry.unit_of_work(engine) as session:
            registry.set_thresholds(
                session, "p-1", defect=0.9, review=0.1, actor="qa", reason="fewer alarms"
            )
            session.commit()
        assert learned(engine, batch_id) is None
