"""The life of patterns, and what they are compared with; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from history_cases import record_night
from registry_cases import BACKBONE, add_model, batch, image, ingest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from technopro import registry, results
from technopro.drift.figure import DriftFigure, Level
from technopro.errors import InputError, RegistryError
from technopro.registry import tables
from technopro.registry.centres import lost_centres, move_centre


def add_pattern(session: Session, run: str, batch_id: int, name: str) -> int:
    """Record a pattern with a champion; returns the model's id."""
    registry.record_pattern(session, name, batch_id=batch_id, centroid=[0.0])
    model = registry.record_model(
        session, run, f"v-{name}", name, weights_key="models/x", weights_sha256="d" * 64,
        recipe={}, metrics={}, backbone=BACKBONE,
    )  # fmt: skip
    registry.promote(session, model, actor="test", reason="newest")
    return model


class LifecycleCases:
    """Needs a fixture `engine`: an opened, empty database."""

    def test_a_centre_that_another_backbone_found_is_lost_until_it_is_moved(
        self, engine: Engine
    ) -> None:
        run, batch_id, _ = ingest(engine)
        add_model(engine, run, batch_id, "v1")
        with registry.unit_of_work(engine) as session:
            assert lost_centres(session, "e" * 64, 3) == {}  # nobody knows who found it
            move_centre(session, "p-1", [1.0], BACKBONE.sha256)
            registry.record_pattern(
                session, "p-2", batch_id=batch_id, centroid=[0.0], backbone=BACKBONE.sha256
            )  # was never learned: nothing shows it
            shown = sorted(image(i).sha256 for i in range(5))
            assert lost_centres(session, "e" * 64, 3) == {"p-1": shown[:3]}
            assert lost_centres(session, BACKBONE.sha256, 3) == {}
            move_centre(session, "p-1", [2.0, 3.0], "e" * 64)
            assert lost_centres(session, "e" * 64, 3) == {}
            row = registry.patterns(session)["p-1"]
        assert (list(row.centroid), row.backbone) == ([2.0, 3.0], "e" * 64)

    @pytest.fixture
    def session(self, engine: Engine) -> Iterator[Session]:
        run, batch_id, _ = ingest(engine)
        with registry.unit_of_work(engine) as session:
            for name in ("a", "b"):
                add_pattern(session, run, batch_id, name)
            self.run, self.batch_id = run, batch_id
            yield session

    def test_a_pattern_is_new_until_it_is_seen_again(self, session: Session) -> None:
        registry.seen_again(session, ["a", "b"], self.batch_id, actor="run 1")
        assert registry.patterns(session)["a"].status == "new"
        registry.seen_again(session, ["a"], self.batch_id + 1, actor="run 2")
        known = registry.patterns(session)
        assert (known["a"].status, known["b"].status) == ("active", "new")
        assert registry.audit_rows(session, "a")[0].details["before"] == "new"

    def test_a_title_makes_a_new_pattern_active(self, session: Session) -> None:
        registry.set_title(session, "a", " bracket, left ", actor="qa")
        row = registry.patterns(session)["a"]
        assert (row.title, row.status) == ("bracket, left", "active")
        with pytest.raises(InputError, match="found none"):
            registry.set_title(session, "a", "  ", actor="qa")

    def test_where_its_centre_is_now(self, session: Session) -> None:
        registry.record_pattern(session, "a", batch_id=self.batch_id, centroid=[2.0])
        row = registry.patterns(session)["a"]
        assert (list(row.centroid), row.status) == ([2.0], "new")

    def test_a_merged_pattern_is_judged_by_its_own_champion_until_there_is_a_joint_one(
        self, session: Session
    ) -> None:
        registry.merge(session, "b", "a", actor="qa", reason="the same part")
        known = registry.patterns(session)
        assert registry.living_name(known, "b") == "a"
        assert registry.judge_of(known, "b", registry.champions(session)) == "b"
        registry.settle(session, ["a", "b"], actor="run 2")
        assert set(registry.champions(session)) == {"a"}
        assert registry.judge_of(known, "b", registry.champions(session)) == "a"
        assert registry.deployments(session, "b")[0].until is not None

    def test_a_joint_model_that_saw_nothing_of_the_merged_one_relieves_nobody(
        self, session: Session
    ) -> None:
        registry.merge(session, "b", "a", actor="qa", reason="the same part")
        registry.settle(session, ["a"], actor="run 2")
        assert set(registry.champions(session)) == {"a", "b"}

    def test_merging_goes_on_through_a_chain(self, session: Session) -> None:
        add_pattern(session, self.run, self.batch_id, "c")
        registry.merge(session, "c", "b", actor="qa", reason="same")
        registry.merge(session, "b", "a", actor="qa", reason="same")
        assert registry.living_name(registry.patterns(session), "c") == "a"

    def test_a_split_pattern_judges_until_every_part_has_a_champion(self, session: Session) -> None:
        registry.split(session, "a", {"a1": [0.0], "a2": [1.0]}, batch_id=self.batch_id,
                       actor="qa", reason="two moulds")  # fmt: skip
        known = registry.patterns(session)
        assert (known["a"].status, known["a1"].parent, known["a1"].status) == ("split", "a", "new")
        assert registry.judge_of(known, "a2", registry.champions(session)) == "a"
        add_pattern(session, self.run, self.batch_id, "a1")
        registry.settle(session, ["a1"], actor="run 2")
        assert registry.judge_of(known, "a2", registry.champions(session)) == "a"
        add_pattern(session, self.run, self.batch_id, "a2")
        registry.settle(session, ["a2"], actor="run 2")
        assert set(registry.champions(session)) == {"a1", "a2", "b"}
        assert registry.judge_of(known, "a", registry.champions(session)) is None

    def test_a_retired_pattern_has_no_champion_and_comes_back(self, session: Session) -> None:
        registry.retire(session, "b", actor="qa", reason="no longer made")
        assert set(registry.champions(session)) == {"a"}
        registry.seen_again(session, ["b"], self.batch_id, actor="run 2")
        assert registry.patterns(session)["b"].status == "active"

    def test_what_is_no_longer_a_pattern_cannot_be_changed(self, session: Session) -> None:
        registry.merge(session, "b", "a", actor="qa", reason="same")
        with pytest.raises(RegistryError, match="which is merged"):
            registry.merge(session, "a", "b", actor="qa", reason="the other way")
        with pytest.raises(RegistryError, match="which is merged"):
            registry.retire(session, "b", actor="qa", reason="x")
        with pytest.raises(InputError, match="twice"):
            registry.merge(session, "a", "a", actor="qa", reason="x")
        with pytest.raises(RegistryError, match="found none"):
            registry.retire(session, "nobody", actor="qa", reason="x")
        with pytest.raises(InputError, match="two new names"):
            registry.split(session, "a", {"b": [0.0], "c": [0.0]}, batch_id=self.batch_id,
                           actor="qa", reason="x")  # fmt: skip

    def test_the_least_sure_images_come_first(self, session: Session) -> None:
        model = registry.champions(session)["a"].id
        rows = [
            registry.PseudoLabelRow(image(i).sha256, label, unsure)
            for i, (label, unsure) in enumerate([(1.0, 0.1), (None, 0.4), (0.0, 0.2)])
        ]
        registry.record_pseudo_labels(session, model, rows)
        registry.record_pseudo_labels(session, model, rows)
        assert registry.most_unstable(session, model, 2) == [rows[1], rows[2]]

    def test_the_nights_before_a_batch_each_by_its_newest_run(self, engine: Engine) -> None:
        batches = []
        for number in range(4):
            run, batch_id, _ = ingest(engine, batch(5 + number))
            batches.append(batch_id)
        model = add_model(engine, run, batches[0], "v1")
        runs = [record_night(engine, b, model, "v1", 0.2) for b in (*batches[:3], batches[1])]
        with registry.unit_of_work(engine) as session:
            two = registry.past_nights(session, batches[3], 2)
            all_before = registry.past_nights(session, batches[2], 10)
            assert registry.past_nights(session, batches[0], 10) == []
        assert [night.run_id for night in two] == [runs[2], runs[3]]
        assert [night.run_id for night in all_before] == [runs[3], runs[0]]
        assert two[0].images == {"p-1": 5}
        assert two[0].models == {"p-1": model}

    def test_drift_figures_come_back_as_they_went_in(self, session: Session) -> None:
        figures = [
            DriftFigure("mix", None, "psi", 0.1, 0.4, None, 0.2, Level.STEADY, "As usual."),
            DriftFigure("scores", "a", "wasserstein", 2.0, 0.001, 0.0, 0.5, Level.DRIFTED, "No."),
        ]
        registry.record_drift(session, self.run, figures)
        assert registry.drift_figures(session, [self.run]) == figures
        assert registry.drift_figures(session, []) == []

    def test_a_batch_knows_its_line_and_an_image_its_moment(self, engine: Engine) -> None:
        taken = replace(image(9), captured=datetime(2026, 1, 2, 3, tzinfo=UTC))
        brought = results.Batch("/line 3", (taken,), (), line="line 3")
        _, batch_id, _ = ingest(engine, brought)
        with registry.unit_of_work(engine) as session:
            assert registry.batch_records(session, batch_id) == (taken,)
            assert session.get_one(tables.Batch, batch_id).line == "line 3"
