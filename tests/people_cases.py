"""What the registry promises about verdicts, alerts and rates; on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from registry_cases import BACKBONE, TOKYO, image
from sqlalchemy import Engine, func, select

from technopro import registry, results
from technopro.alerting import (
    REFUSED,
    close_refusal,
    tell_change_of_champion,
    tell_mostly_defective,
)
from technopro.decision.corrected import exact_interval
from technopro.errors import InputError, RegistryError
from technopro.registry import tables
from technopro.registry.unusable import past_usability, usability
from technopro.results import Decision, Estimate, Fault
from technopro.usable import tell_unusable

OK, REVIEW, DEFECT = Decision.OK, Decision.REVIEW, Decision.DEFECT
EARLY = datetime(2026, 11, 23, 16, tzinfo=UTC)  # one in the morning of the 24th in Tokyo


def bring(engine: Engine, count: int, *, line: str | None = None, at: datetime = EARLY) -> int:
    """Take in a batch of `count` images; returns its id."""
    source = f"/{line}/{at:%d%H}"
    what = results.Batch(source, tuple(image(i) for i in range(count)), (), count)
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, "ingest", {}, seed=0, device="cpu")
        batch_id, _ = registry.record_batch(session, run, what)
        batch = session.get_one(tables.Batch, batch_id)
        batch.line, batch.created_at = line, at
        session.commit()
    return batch_id


def judge(
    engine: Engine,
    batch_id: int,
    decisions: list[Decision],
    *,
    patterns: tuple[str, ...] = ("p-1",),
    share: Estimate = Estimate(0.1, 0.05, 0.2),  # noqa: B008
    faults: dict[int, Fault] | None = None,
    state: str = "completed",
    silent: tuple[str, ...] = (),  # patterns of which good and bad cannot be told apart
) -> str:
    """Record that image i of the batch got decision i; patterns take turns. Returns the run."""
    said = [
        results.Prediction(
            image(i).sha256, patterns[i % len(patterns)], 0.5, d, "v1", (faults or {}).get(i)
        )
        for i, d in enumerate(decisions)
    ]
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, "score", {}, seed=0, device="cpu")
        models = {}
        for name in patterns:
            registry.record_pattern(session, name, batch_id=batch_id, centroid=[0.0])
            models[name] = registry.record_model(
                session, run, run[:8], name, weights_key="x", weights_sha256="d" * 64, recipe={},
                metrics={}, backbone=BACKBONE,
            )  # fmt: skip
        night = [
            replace(_night(name, said, share), separable=name not in silent) for name in patterns
        ]
        registry.record_night(session, run, batch_id, said, night, models, {})
        registry.finish_run(session, run, state)
        session.commit()
    return run


def _night(name: str, said: list[results.Prediction], share: Estimate) -> results.PatternNight:
    own = [p for p in said if p.pattern == name]
    flagged = sum(p.decision is DEFECT for p in own)
    return results.PatternNight(
        name, len(own), True, share, 0.5, 0.05, flagged, Estimate(0.9, 0.8, 1.0), "v1"
    )


def say(
    engine: Engine, run: str, number: int, label: str, actor: str = "aoi", lane: str = "other"
) -> None:
    with registry.unit_of_work(engine) as session:
        registry.give_verdict(
            session, run, image(number).sha256, actor=actor, label=label, lane=lane
        )
        session.commit()


def now(engine: Engine, run: str) -> dict[tuple[int, str], str]:
    """Current labels by image number and actor."""
    with registry.unit_of_work(engine) as session:
        found = registry.verdicts(session, [run])
    return {(int(v.sha256, 16), v.actor): v.label for v in found}


def only(engine: Engine, by: str, **options: object) -> registry.RateRow:
    with registry.unit_of_work(engine) as session:
        (row,) = registry.rates(session, by, **options)  # type: ignore[arg-type]
    return row


class VerdictCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_nothing_was_said_yet(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session:
            assert registry.verdicts(session) == []
            assert registry.verdicts(session, []) == []
            assert registry.settled([]) == {}
            with pytest.raises(RegistryError, match="that scored"):
                registry.newest_run(session, image(0).sha256)

    def test_the_latest_of_a_person_counts_and_a_withdrawn_one_leaves_none(
        self, engine: Engine
    ) -> None:
        run = judge(engine, bring(engine, 3), [OK, OK, DEFECT])
        say(engine, run, 0, "ok")
        say(engine, run, 0, "defect")
        say(engine, run, 1, "ok")
        say(engine, run, 1, "withdrawn")
        assert now(engine, run) == {(0, "aoi"): "defect"}
        say(engine, run, 1, "defect")
        assert now(engine, run) == {(0, "aoi"): "defect", (1, "aoi"): "defect"}
        with registry.unit_of_work(engine) as session:
            assert session.scalar(select(func.count()).select_from(tables.Verdict)) == 5

    def test_two_people_are_two_opinions_and_the_later_one_counts(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 2), [OK, OK])
        say(engine, run, 0, "defect", "aoi")
        say(engine, run, 0, "ok", "ren")
        say(engine, run, 1, "ok", "ren")
        with registry.unit_of_work(engine) as session:
            found = registry.settled(registry.verdicts(session, [run]))
        first, second = (found[run, image(i).sha256] for i in (0, 1))
        assert (first.label, first.opinions, first.disputed) == ("ok", 2, True)
        assert (second.label, second.opinions, second.disputed) == ("ok", 1, False)
        say(engine, run, 0, "withdrawn", "ren")
        assert now(engine, run) == {(0, "aoi"): "defect", (1, "ren"): "ok"}

    def test_a_verdict_shows_what_it_is_about(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 1), [REVIEW])
        with registry.unit_of_work(engine) as session:
            registry.give_verdict(
                session, run, image(0).sha256, actor="aoi", label="ok", lane="review", reason=" "
            )
            (row,) = registry.verdicts(session, sha256=image(0).sha256, actor="aoi", lane="review")
            assert registry.verdicts(session, lane="audit") == []
            assert registry.newest_run(session, image(0).sha256) == run
        assert (row.path, row.pattern, row.decision) == ("000.png", "p-1", REVIEW)
        assert (row.label, row.lane, row.reason, row.drawn) == ("ok", "review", None, False)

    @pytest.mark.parametrize(
        ("label", "lane", "told"),
        [("fine", "other", "ok, defect, withdrawn"), ("ok", "random", "audit, review, unstable")],
    )
    def test_unknown_words_are_refused(
        self, engine: Engine, label: str, lane: str, told: str
    ) -> None:
        run = judge(engine, bring(engine, 1), [OK])
        with pytest.raises(InputError, match=told):
            say(engine, run, 0, label, lane=lane)

    def test_an_image_of_another_run_is_refused(self, engine: Engine) -> None:
        batch = bring(engine, 2)
        run = judge(engine, batch, [OK])
        for own, number in ((run, 1), ("nowhere", 0)):
            with pytest.raises(RegistryError, match="found none"):
                say(engine, own, number, "ok")

    def test_only_what_was_said_can_be_withdrawn(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 1), [OK])
        say(engine, run, 0, "ok", "ren")
        with pytest.raises(RegistryError, match="nothing"):
            say(engine, run, 0, "withdrawn", "aoi")
        say(engine, run, 0, "withdrawn", "ren")
        with pytest.raises(RegistryError, match="nothing"):
            say(engine, run, 0, "withdrawn", "ren")


class LaneCases:
    """The random audit lane."""

    def test_the_same_parts_every_time_of_all_decisions_without_faults(
        self, engine: Engine
    ) -> None:
        decisions = [OK] * 40 + [DEFECT] * 10 + [REVIEW] * 3
        faults = {0: Fault.DARK, 45: Fault.DUPLICATE}
        run = judge(engine, bring(engine, 53), decisions, faults=faults)
        with registry.unit_of_work(engine) as session:
            few, again, more = (registry.audit_lane(session, run, n) for n in (5, 5, 20))
            all_parts = registry.audit_lane(session, run, 500)
        assert few == again
        assert {p.sha256 for p in few} <= {p.sha256 for p in more}
        assert [sum(p.decision is d for p in few) for d in (OK, REVIEW, DEFECT)] == [5, 3, 5]
        assert len(all_parts) == 51
        assert not {image(i).sha256 for i in faults} & {p.sha256 for p in all_parts}
        assert all(p.path == f"{int(p.sha256, 16):03}.png" for p in few)

    def test_every_part_is_as_likely_and_their_order_tells_nothing(self, engine: Engine) -> None:
        """Over 60 runs of one batch, each of 20 accepted parts is drawn about 15 times."""
        batch, drawn, first = bring(engine, 25), [0] * 25, 0
        for _ in range(60):
            run = judge(engine, batch, [OK] * 20 + [DEFECT] * 5)
            with registry.unit_of_work(engine) as session:
                parts = registry.audit_lane(session, run, 5)
            first += parts[0].decision is DEFECT
            for part in parts:
                drawn[int(part.sha256, 16)] += 1
        assert sum(drawn[:20]) == 300
        assert sum((n - 15) ** 2 / 15 for n in drawn[:20]) < 50  # chi-square, 19 degrees: p 1e-4
        assert 3 < first < 57

    def test_an_empty_night_and_an_unknown_run(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 1), [OK], faults={0: Fault.BLURRED})
        with registry.unit_of_work(engine) as session:
            assert registry.audit_lane(session, run, 5) == []
            with pytest.raises(RegistryError, match="run nowhere"):
                registry.audit_lane(session, "nowhere", 5)
            for count in (0, 501):
                with pytest.raises(InputError, match="1 to 500"):
                    registry.audit_lane(session, run, count)

    def test_what_was_not_drawn_cannot_be_said_in_the_audit_lane(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 2), [OK, OK], faults={0: Fault.DARK})
        with pytest.raises(InputError, match="not drawn"):
            say(engine, run, 0, "ok", lane="audit")
        say(engine, run, 1, "ok", lane="audit")
        say(engine, run, 0, "ok", lane="other")
        assert len(now(engine, run)) == 2

    def test_the_review_band_comes_from_the_worst_down_without_faults(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 6), [REVIEW] * 4 + [OK, DEFECT], faults={1: Fault.DARK})
        with registry.unit_of_work(engine) as session:
            parts = registry.lane_parts(session, run, "review", 10)
            assert len(registry.lane_parts(session, run, "review", 2)) == 2
            with pytest.raises(InputError, match="lane among"):
                registry.lane_parts(session, run, "other", 10)
        assert {int(p.sha256, 16) for p in parts} == {0, 2, 3}
        assert {p.decision for p in parts} == {REVIEW}

    def test_the_unstable_come_from_the_least_sure_down(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 3), [OK, OK, DEFECT])
        unsure = [(0, 0.1), (1, 0.4), (2, 0.0)]
        rows = [registry.PseudoLabelRow(image(i).sha256, None, spread) for i, spread in unsure]
        with registry.unit_of_work(engine) as session:
            (model,) = registry.models_of_run(session, run).values()
            registry.record_pseudo_labels(session, model.id, rows)
            parts = registry.lane_parts(session, run, "unstable", 10)
        assert [int(p.sha256, 16) for p in parts] == [1, 0]

    def agreed(self, engine: Engine, run: str) -> registry.Agreement:
        with registry.unit_of_work(engine) as session:
            return registry.agreement(registry.verdicts(session, [run]))

    def test_how_far_two_people_agree(self, engine: Engine) -> None:
        """By hand: 7 of 10 alike; by chance 0.6 * 0.5 + 0.4 * 0.5 = 0.5, so kappa is 0.4."""
        run = judge(engine, bring(engine, 11), [OK] * 11)
        first = ["ok"] * 6 + ["defect"] * 4
        second = ["ok"] * 4 + ["defect"] * 2 + ["ok"] + ["defect"] * 3
        for number, (one, other) in enumerate(zip(first, second, strict=True)):
            say(engine, run, number, one, "aoi")
            say(engine, run, number, other, "ken")
        say(engine, run, 10, "ok", "aoi")  # one opinion says nothing of agreement
        found = self.agreed(engine, run)
        assert (found.images, found.same) == (10, 7)
        assert found.kappa == pytest.approx(0.4)

    def test_where_all_say_the_same_of_all_there_is_no_kappa(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 1), [OK])
        assert self.agreed(engine, run) == registry.Agreement(0, 0, None)
        for actor in ("aoi", "ken"):
            say(engine, run, 0, "ok", actor)
        assert self.agreed(engine, run) == registry.Agreement(1, 1, None)


class AlertCases:
    """Alerts."""

    def raise_(self, engine: Engine, topic: str, level: str = "warning") -> bool:
        with registry.unit_of_work(engine) as session:
            opened = registry.raise_alert(session, topic, level=level, words=f"look at {topic}")
            session.commit()
        return opened

    def test_none_is_open_at_first(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session:
            assert registry.open_alerts(session) == registry.alert_history(session) == []
            with pytest.raises(RegistryError, match="found none"):
                registry.close_alert(session, "drift p-1", actor="aoi")

    def test_a_refusal_is_closed_by_the_next_model_that_judges(self, engine: Engine) -> None:
        judge(engine, bring(engine, 2), [OK, OK], patterns=("p-1", "p-2"))
        with registry.unit_of_work(engine) as session:
            close_refusal(session, "p-1", "run 7")  # nothing is open: nothing happens
            tell_change_of_champion(session, "p-1", REFUSED, "worse")
            close_refusal(session, "p-2", "run 7")
            (open_one,) = registry.open_alerts(session)
            assert open_one.words.startswith("p-1: new model refused")
            close_refusal(session, "p-1", "run 8")
            assert registry.open_alerts(session) == []

    def test_that_most_of_a_pattern_was_judged_defective_is_told(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 2), [OK, OK])

        def night(*shares: float, apart: bool = True) -> list[results.PatternNight]:
            estimates = [Estimate(share, 0.0, 1.0) for share in shares]
            return [
                results.PatternNight(f"p-{n}", 99, apart, one, 0.5, 0.05, 0, one, "v1")
                for n, one in enumerate(estimates)
            ]

        with registry.unit_of_work(engine) as session:
            tell_mostly_defective(session, run, night(0.0, 0.5))
            tell_mostly_defective(session, run, night(0.9, apart=False))
            assert registry.open_alerts(session) == []
            for _ in range(2):
                tell_mostly_defective(session, run, night(0.1, 0.85))
            (alert,) = registry.open_alerts(session)
        assert (alert.topic, alert.level) == ("mostly defective: p-1", "warning")
        assert (alert.pattern, alert.run_id) == ("p-1", run)
        assert alert.words.startswith("85% of p-1 look defective.")

    def test_what_is_open_is_not_raised_again_until_closed(self, engine: Engine) -> None:
        assert [self.raise_(engine, t) for t in ("a", "a", "b")] == [True, False, True]
        with registry.unit_of_work(engine) as session:
            registry.close_alert(session, "a", actor="aoi")
            session.commit()
        assert self.raise_(engine, "a", "critical")
        with registry.unit_of_work(engine) as session:
            now_open, past = registry.open_alerts(session), registry.alert_history(session)
            (entry,) = registry.audit_rows(session)
        assert [(a.topic, a.level) for a in now_open] == [("a", "critical"), ("b", "warning")]
        assert [a.topic for a in past] == ["a", "b", "a"]
        assert (past[2].closed_by, past[2].closed_at is not None) == ("aoi", True)
        assert (entry.actor, entry.action, entry.subject) == ("aoi", "close alert", "a")

    def test_eight_at_once_open_one(self, engine: Engine) -> None:
        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(lambda _: self.raise_(engine, "a"), range(8)))
        assert sum(opened) == 1

    def test_two_at_once_close_one(self, engine: Engine) -> None:
        self.raise_(engine, "a")

        def close(_: int) -> bool:
            try:
                with registry.unit_of_work(engine) as session:
                    registry.close_alert(session, "a", actor="aoi")
                    session.commit()
            except RegistryError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(close, range(4))) == 1
        with registry.unit_of_work(engine) as session:
            assert len(registry.audit_rows(session)) == 1

    def test_unusable_alerts_are_refused(self, engine: Engine) -> None:
        with pytest.raises(InputError, match="info, warning, critical"):
            self.raise_(engine, "a", "loud")
        for topic in ("", "x" * 201):
            with pytest.raises(InputError, match="1 to 200"):
                self.raise_(engine, topic)
        assert self.raise_(engine, "ü" * 200)
        with registry.unit_of_work(engine) as session:
            registry.close_alert(session, "ü" * 200, actor="aoi")


class RateCases:
    """Defect rates."""

    def test_no_night_no_rate(self, engine: Engine) -> None:
        with registry.unit_of_work(engine) as session:
            for by in ("pattern", "line", "batch", "day"):
                assert registry.rates(session, by) == []
            assert registry.trend(session) == []
            with pytest.raises(InputError, match="pattern, line, batch, day"):
                registry.rates(session, "hour")

    def test_the_newest_completed_run_of_a_batch_counts(self, engine: Engine) -> None:
        batch = bring(engine, 4)
        newest = judge(engine, batch, [DEFECT, OK, OK, OK])
        for _ in range(3):  # recorded later, started before
            older = judge(engine, batch, [OK] * 4)
            with registry.unit_of_work(engine) as session:
                session.get_one(tables.Run, older).started_at = EARLY
                session.commit()
        judge(engine, batch, [DEFECT] * 4, state="failed")
        row = only(engine, "pattern")
        assert (row.subject, row.images, row.flagged, row.runs) == ("p-1", 4, 1, (newest,))
        assert row.corrected is None

    def test_counts_and_intervals_add_up_by_images(self, engine: Engine) -> None:
        judge(engine, bring(engine, 3), [DEFECT, OK, OK], share=Estimate(0.1, 0.0, 0.3))
        later = bring(engine, 1, at=EARLY + timedelta(days=1))
        judge(engine, later, [OK], share=Estimate(0.5, 0.4, 0.7))
        row = only(engine, "pattern")
        assert (row.images, row.flagged, row.at) == (4, 1, EARLY + timedelta(days=1))
        found = (row.share.estimate, row.share.low, row.share.high)
        assert found == pytest.approx((0.2, 0.1, 0.4))

    def test_lines_batches_and_days_in_the_plants_own_zone(self, engine: Engine) -> None:
        for line, at in (("north", EARLY), ("south", EARLY), (None, EARLY - timedelta(hours=2))):
            judge(engine, bring(engine, 2, line=line, at=at), [OK, DEFECT])
        with registry.unit_of_work(engine) as session:
            by = {
                what: [r.subject for r in registry.rates(session, what, zone=TOKYO)]
                for what in ("line", "batch", "day")
            }
            utc = [r.subject for r in registry.rates(session, "day", zone=ZoneInfo("UTC"))]
        assert by["line"] == ["no line", "north", "south"]
        assert by["day"] == ["2026-11-24", "2026-11-23"]
        assert utc == ["2026-11-23"]
        assert sorted(by["batch"]) == ["1 /north/2316", "2 /south/2316", "3 /None/2314"]
        row = only(
            engine, "line", since=EARLY - timedelta(hours=3), until=EARLY - timedelta(1 / 24)
        )
        assert row.subject == "no line"

    def test_a_random_sample_corrects_the_rate(self, engine: Engine) -> None:
        decisions = [OK] * 80 + [DEFECT] * 15 + [REVIEW] * 5
        run = judge(engine, bring(engine, 100), decisions)
        with registry.unit_of_work(engine) as session:
            parts = registry.audit_lane(session, run, 10)
        assert len(parts) == 25
        escaped = next(p for p in parts if p.decision is OK)
        for part in parts:
            bad = part.decision is DEFECT or part == escaped
            say(engine, run, int(part.sha256, 16), "defect" if bad else "ok", lane="audit")
        found = only(engine, "day").corrected
        assert found is not None
        assert found.escapes is not None
        assert (found.parts, found.looked) == (100, 25)
        assert found.estimate == pytest.approx(0.8 * 0.1 + 0.15)
        assert found.escapes.high == pytest.approx(exact_interval(1, 10, 0.9)[1])

    def test_chosen_parts_and_camera_faults_correct_nothing(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 10), [OK] * 10, faults={9: Fault.DARK})
        say(engine, run, 0, "defect", lane="review")
        say(engine, run, 9, "defect")
        say(engine, run, 0, "withdrawn", lane="audit")
        say(engine, run, 0, "defect", "ren")
        assert only(engine, "batch").corrected is None
        say(engine, run, 1, "ok", lane="audit")
        found = only(engine, "batch").corrected
        assert found is not None
        assert (found.parts, found.looked, found.estimate) == (9, 1, 0.0)

    def test_what_is_said_later_changes_the_label_but_not_the_sample(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 10), [OK] * 10)
        say(engine, run, 0, "ok", lane="audit")
        say(engine, run, 1, "ok", lane="audit")
        say(engine, run, 0, "defect", lane="other")
        say(engine, run, 1, "defect", "ren")
        found = only(engine, "pattern").corrected
        assert found is not None
        assert (found.looked, found.estimate) == (2, 1.0)
        say(engine, run, 0, "withdrawn")
        found = only(engine, "pattern").corrected
        assert found is not None
        assert (found.looked, found.estimate) == (1, 1.0)

    def test_a_pattern_is_corrected_by_its_own_parts(self, engine: Engine) -> None:
        run = judge(engine, bring(engine, 20), [OK] * 20, patterns=("p-1", "p-2"))
        for number in range(0, 20, 2):
            say(engine, run, number, "defect" if number == 4 else "ok", lane="audit")
        with registry.unit_of_work(engine) as session:
            one, two = registry.rates(session, "pattern")
            (night,) = registry.trend(session)
            (alone,) = registry.trend(session, pattern="p-1")
        assert one.corrected is not None
        assert (one.corrected.estimate, one.corrected.high) == (0.1, 0.1)
        assert two.corrected is None
        assert night.corrected is not None
        assert (night.corrected.parts, night.images) == (20, 20)
        assert (alone.images, alone.corrected, alone.share) == (10, one.corrected, one.share)

    def test_what_was_not_told_apart_counts_in_no_share(self, engine: Engine) -> None:
        batch = bring(engine, 20)
        judge(engine, batch, [OK] * 20, patterns=("p-1", "p-2"), silent=("p-2",))
        with registry.unit_of_work(engine) as session:
            known, unknown = registry.rates(session, "pattern")
            (line,) = registry.rates(session, "line")
        assert (known.images, known.known, known.share) == (10, 10, Estimate(0.1, 0.05, 0.2))
        assert (unknown.images, unknown.known, unknown.share) == (10, 0, None)
        assert (line.images, line.known, line.share) == (20, 10, known.share)

    def test_the_trend_ends_with_the_newest_night(self, engine: Engine) -> None:
        runs = [
            judge(engine, bring(engine, 2, line=line, at=EARLY + timedelta(days=day)), [OK, DEFECT])
            for day, line in enumerate(("north", "south", "north", "south"))
        ]
        empty = bring(engine, 3, at=EARLY + timedelta(days=9))
        judge(engine, empty, [OK], state="failed")
        with registry.unit_of_work(engine) as session:
            assert [r.subject for r in registry.trend(session, 3)] == runs[1:]
            north = registry.trend(session, 3, line="north")
            assert [r.subject for r in north] == [runs[0], runs[2]]
            assert registry.trend(session, 3, pattern="p-9") == []

    def test_what_could_not_be_judged_is_counted_by_kind_of_the_newest_scoring(
        self, engine: Engine
    ) -> None:
        """A batch of an hour later is another; a copy is as good as its picture."""
        first = bring(engine, 5)
        judge(engine, first, [OK] * 5, faults={0: Fault.DARK, 1: Fault.DARK})
        judge(engine, first, [OK] * 5, faults={0: Fault.DARK, 1: Fault.DUPLICATE, 2: Fault.BLURRED})
        second = bring(engine, 6, at=EARLY + timedelta(hours=1))
        run = judge(engine, second, [REVIEW] * 6, faults={3: Fault.EMPTY, 4: Fault.FOREIGN})
        third = bring(engine, 30, at=EARLY + timedelta(hours=2))
        worst = judge(engine, third, [REVIEW] * 30, faults=dict.fromkeys(range(28), Fault.DARK))
        with registry.unit_of_work(engine) as session:
            session.get_one(tables.Batch, second).quarantined = 2
            (past,) = past_usability(session, second, 14)
            assert (past.files, past.unusable) == (5, {"blurred": 1, "dark": 1})
            assert past_usability(session, first, 14) == []
            now = usability(session, run, second)
            assert (now.files, now.unusable) == (8, {"unreadable": 2, "empty": 1})
            tell_unusable(session, run, second)
            assert registry.open_alerts(session) == []
            for _ in range(2):
                tell_unusable(session, worst, third)
            (alert,) = registry.open_alerts(session)
        assert (alert.topic, alert.level) == ("unusable pictures", "warning")
        assert alert.words.startswith("28 of 30 files say nothing about their part")


class PeopleCases(VerdictCases, LaneCases, AlertCases, RateCases):
    """All of it."""
