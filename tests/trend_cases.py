"""What the registry says of many nights and many images; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from history_cases import record_night
from registry_cases import add_model, batch, image, ingest
from sqlalchemy import Engine, update

from technopro import registry, results
from technopro.errors import InputError
from technopro.registry import tables
from technopro.registry.gallery import Wanted, samples


def record_scores(engine: Engine, scores: list[float], pattern: str = "p-1") -> str:
    """Record a night in which image i got score i; returns the run's id."""
    run, batch_id, _ = ingest(engine, batch(len(scores)))
    model = add_model(engine, run, batch_id, "v1")
    said = [
        results.Prediction(image(i).sha256, pattern, s, results.Decision.OK, "v1")
        for i, s in enumerate(scores)
    ]
    rate = results.PatternNight(
        pattern, len(said), True, results.Estimate(0.1, 0.05, 0.2), 0.5, 0.05, 1,
        results.Estimate(0.9, 0.8, 1.0), "v1",
    )  # fmt: skip
    with registry.unit_of_work(engine) as session:
        registry.record_night(session, run, batch_id, said, [rate], {pattern: model}, {})
        session.commit()
    return run


class TrendCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_nights_come_oldest_first_and_a_night_scored_again_once(self, engine: Engine) -> None:
        run, first, _ = ingest(engine)
        _, second, _ = ingest(engine, replace(batch(), source="/next"))
        model = add_model(engine, run, first, "v1")
        record_night(engine, first, model, "v1", 0.2)
        again = record_night(engine, first, model, "v1", 0.9)
        other = record_night(engine, second, model, "v1", 0.3)
        failed = record_night(engine, second, model, "v1", 0.4)
        with registry.unit_of_work(engine) as session:
            registry.finish_run(session, failed, "failed", message="on purpose")
            session.commit()
            rows = registry.pattern_trend(session)
            assert [r.run_id for r in registry.pattern_trend(session, nights=1)] == [other]
            assert registry.pattern_trend(session, pattern="p-2") == []
        assert [(r.run_id, r.batch_id) for r in rows] == [(again, first), (other, second)]
        assert (rows[0].pattern, rows[0].images, rows[0].flagged) == ("p-1", 5, 1)
        assert rows[0].share == results.Estimate(0.1, 0.05, 0.2)

    def test_every_pattern_of_a_night_is_in_the_trend(self, engine: Engine) -> None:
        run, batch_id, _ = ingest(engine)
        model = add_model(engine, run, batch_id, "v1")
        night = record_night(engine, batch_id, model, "v1", 0.2)
        with registry.unit_of_work(engine) as session:
            registry.record_pattern(session, "p-0", batch_id=batch_id, centroid=[0.0])
            rate = session.get_one(tables.DefectRate, (night, "p-1"))
            columns = {c.key: getattr(rate, c.key) for c in rate.__mapper__.column_attrs}
            session.add(tables.DefectRate(**{**columns, "pattern": "p-0", "images": 2}))
            session.commit()
            mix = {r.pattern: r.images for r in registry.pattern_trend(session, nights=1)}
        assert mix == {"p-0": 2, "p-1": 5}

    @pytest.mark.parametrize("bins", [1, 7, 10])
    def test_a_histogram_is_that_of_numpy(self, engine: Engine, bins: int) -> None:
        random = np.random.default_rng(0).random(200).tolist()
        scores = [0.0, 1.0, 0.5, 0.249, 0.95, *random]
        run = record_scores(engine, scores)
        with registry.unit_of_work(engine) as session:
            found = registry.score_histogram(session, run, "p-1", bins)
            assert registry.score_histogram(session, run, None, bins) == found
            assert registry.score_histogram(session, run, "p-2", bins) == [0] * bins
        assert found == np.histogram(scores, bins, (0, 1))[0].tolist()

    def test_no_bins_are_refused(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session, pytest.raises(InputError, match="found 0"):
            registry.score_histogram(session, "x", bins=0)

    def test_pages_of_the_worst_follow_without_gap_or_repeat(self, engine: Engine) -> None:
        scores = [round(0.1 * (i % 4), 1) / 3 for i in range(30)]  # many are equal
        run = record_scores(engine, scores)
        with registry.unit_of_work(engine) as session:
            whole = registry.worst(session, run, limit=100)
            pages, last, wanted = [], None, Wanted(run, "worst", "p-1")
            while page := samples(session, wanted, 7, after=last):
                pages, last = [*pages, *page], page[-1].sha256
        assert pages == whole
        assert len(whole) == 30
        assert [w.score for w in whole] == sorted(scores, reverse=True)

    def test_pictures_with_a_fault_are_on_no_page(self, engine: Engine) -> None:
        run = record_scores(engine, [0.9, 0.8, 0.7, 0.6, 0.5])
        with registry.unit_of_work(engine) as session:
            dark = tables.Prediction.sha256 == image(1).sha256
            session.execute(update(tables.Prediction).where(dark).values(fault="dark"))
            session.commit()
            (first,) = registry.worst(session, run, limit=1)
            rest = samples(session, Wanted(run, "worst"), 9, after=first.sha256)
        assert [w.score for w in rest] == [0.7, 0.6, 0.5]
