"""What upkeep promises; run on a folder, and where the store matters on S3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from run_cases import start
from upkept_plant import (
    PICTURES,
    add_model,
    audit_log,
    judge,
    keys,
    make_old,
    say,
    take,
)

from technopro import registry
from technopro.commands.upkeep import describe
from technopro.errors import InputError, ObjectMissing
from technopro.intake import image_key, thumb_key
from technopro.maintain import Findings, maintain
from technopro.plant import Plant
from technopro.prune import prune
from technopro.registry.retention import Retention
from technopro.results import Batch
from technopro.running import open_run
from technopro.store import ObjectStore
from technopro.stored import load_model

AT_ONCE = timedelta(seconds=-5)  # no grace at all, and stores that round times up
KEEP = Retention(nights=1, days=180)


def upkeep(plant: Plant, delete: bool = True) -> Findings:
    return maintain(plant, delete=delete, grace=AT_ONCE, silent=timedelta(minutes=10))


def said(findings: Findings) -> str:
    return "\n".join(describe(findings))


class Meddling:
    """A store in which something else happens just when an object is deleted."""

    def __init__(self, store: ObjectStore, meanwhile: Callable[[], object]) -> None:
        self._store, self._meanwhile = store, meanwhile

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def delete(self, key: str) -> None:
        self._store.delete(key)
        self._meanwhile()


class MaintainCases:
    """Needs a fixture `plant`: an open, empty plant."""

    def test_a_plant_in_order_is_left_as_it_is(self, plant: Plant) -> None:
        batch_id, batch = take(plant)
        judge(plant, batch_id, batch, add_model(plant, batch_id, "v1"), "v1")
        before = keys(plant)
        findings = upkeep(plant)
        assert keys(plant) == before
        assert "nothing needs a person" in said(findings)
        assert not findings.needs_a_person
        assert [one.objects for one in findings.swept] == [PICTURES, PICTURES, 1, PICTURES, 0]
        with registry.unit_of_work(plant.engine) as session:
            kept = registry.run_row(session, findings.run_id)
        assert (kept.kind, kept.state) == ("maintain", "completed")
        assert kept.figures["objects"]["images"]["objects"] == PICTURES

    def test_what_a_crash_left_goes_when_asked_and_is_noted(self, plant: Plant) -> None:
        take(plant)
        whole = keys(plant)
        take(plant, seed=1, record=False)
        left = upkeep(plant, delete=False)
        assert f"{PICTURES} left by a run that died" in said(left)
        assert len(keys(plant)) == 4 * PICTURES
        findings = upkeep(plant)
        assert keys(plant) == whole
        assert findings.deleted == {"images": PICTURES, "thumbs": PICTURES}
        assert not findings.needs_a_person
        with registry.unit_of_work(plant.engine) as session:
            assert audit_log(session, "images") == ["delete objects"]
            (entry,) = registry.audit_rows(session, "thumbs")
        assert (entry.details["objects"], len(entry.details["keys"])) == (PICTURES, PICTURES)

    def test_young_objects_wait_for_their_rows(self, plant: Plant) -> None:
        take(plant, record=False)
        findings = maintain(plant, delete=True)
        assert f"{PICTURES} too young to judge" in said(findings)
        assert len(keys(plant)) == 2 * PICTURES

    def test_what_no_run_of_this_database_wrote_is_never_deleted(self, plant: Plant) -> None:
        take(plant, record=False)
        make_old(plant)
        plant.store.put(f"heat/{'0' * 8}-elsewhere/x.png", b"x")
        plant.store.put(f"nights/{'0' * 8}-elsewhere.safetensors", b"x")
        plant.store.put("letters/to-mother.txt", b"x")
        before = keys(plant)
        findings = upkeep(plant)
        assert keys(plant) == before
        assert findings.needs_a_person
        assert [len(one.unexplained) for one in findings.swept] == [PICTURES, PICTURES, 0, 1, 1]
        assert "letters" not in said(findings)

    def test_missing_images_need_a_person_and_keep_their_rows(self, plant: Plant) -> None:
        _, batch = take(plant)
        gone = batch.images[2].sha256
        plant.store.delete(image_key(gone))
        findings = upkeep(plant)
        assert findings.needs_a_person
        assert f"MISSING image {gone}" in said(findings)
        upkeep(plant)
        with registry.unit_of_work(plant.engine) as session:
            (alert,) = registry.open_alerts(session)
        assert (alert.topic, alert.level) == ("missing or damaged: images", "critical")
        assert gone in alert.words
        assert alert.run_id == findings.run_id
        with registry.unit_of_work(plant.engine) as session:
            assert registry.find_image(session, gone) == gone


class RuleCases:
    """What does not depend on the store. Needs a fixture `plant`: an open, empty plant."""

    def test_left_weights_and_heat_maps_go_too(self, plant: Plant) -> None:
        batch_id, batch = take(plant)
        run = judge(plant, batch_id, batch, add_model(plant, batch_id, "v1"), "v1")
        whole = keys(plant)
        plant.store.put("models/v2/p-1.safetensors", b"x")
        plant.store.put(f"heat/{run}/{'a' * 64}.png", b"x")
        plant.store.put(f"nights/{run}.safetensors", b"x")
        assert upkeep(plant).deleted == {"models": 1, "heat": 1, "nights": 1}
        assert keys(plant) == whole

    def test_the_sample_that_a_night_kept_stays_and_its_loss_does_no_harm(
        self, plant: Plant
    ) -> None:
        with open_run(plant, "score", {}) as run:
            run.figures["sample"] = f"nights/{run.id}.safetensors"
            plant.store.put(run.figures["sample"], b"x")
        assert upkeep(plant).deleted == {}
        plant.store.delete(f"nights/{run.id}.safetensors")
        findings = upkeep(plant)
        assert "missing, without harm: 1 samples of nights" in said(findings)
        assert not findings.needs_a_person

    def test_what_a_run_under_way_has_written_waits(self, plant: Plant) -> None:
        night, _ = start(plant.engine, "score"), start(plant.engine, "retrain")
        plant.store.put(f"heat/{night}/x.png", b"x")
        plant.store.put(f"nights/{night}.safetensors", b"x")
        plant.store.put("models/v1/p-1.safetensors", b"x")
        findings = upkeep(plant)
        assert [one.young for one in findings.swept] == [0, 0, 1, 1, 1]
        assert findings.deleted == {}
        assert not findings.needs_a_person

    def test_a_dead_run_is_closed_and_its_objects_are_explained(self, plant: Plant) -> None:
        take(plant, record=False)
        make_old(plant)
        died = start(plant.engine, "ingest", silent_for=timedelta(minutes=11))
        findings = maintain(plant, grace=AT_ONCE, silent=timedelta(minutes=10))
        assert [run.id for run in findings.closed] == [died]
        assert died in said(findings)
        with registry.unit_of_work(plant.engine) as session:
            alerts = {alert.topic: alert for alert in registry.open_alerts(session)}
        alert = alerts["run died: ingest"]
        assert (alert.level, alert.run_id) == ("warning", died)

    def test_missing_thumbnails_do_no_harm(self, plant: Plant) -> None:
        _, batch = take(plant)
        plant.store.delete(thumb_key(batch.images[0].sha256))
        findings = upkeep(plant)
        assert not findings.needs_a_person
        assert "missing, without harm: 1 thumbnails" in said(findings)

    def test_images_of_another_size_are_damaged(self, plant: Plant) -> None:
        _, batch = take(plant)
        plant.store.replace(batch.images[0].key, b"half")
        findings = upkeep(plant)
        assert findings.needs_a_person
        assert f"DAMAGED image {batch.images[0].sha256}" in said(findings)

    @pytest.mark.parametrize(("promoted", "alarming"), [(True, True), (False, False)])
    def test_missing_weights_alarm_where_the_model_judges(
        self, plant: Plant, promoted: bool, alarming: bool
    ) -> None:
        batch_id, _ = take(plant)
        add_model(plant, batch_id, "v1", promoted)
        plant.store.delete("models/v1/p-1.safetensors")
        findings = upkeep(plant)
        assert findings.needs_a_person == alarming
        assert len(findings.swept[2].missing) == 1

    def test_refused_weights_that_judged_all_the_same_alarm(self, plant: Plant) -> None:
        batch_id, batch = take(plant)
        judge(plant, batch_id, batch, add_model(plant, batch_id, "v1", promoted=False), "v1")
        plant.store.delete("models/v1/p-1.safetensors")
        assert upkeep(plant).needs_a_person

    def test_no_image_goes_while_an_ingest_goes_on(self, plant: Plant) -> None:
        take(plant, record=False)
        start(plant.engine, "ingest")
        findings = upkeep(plant)
        assert findings.held_back
        assert findings.deleted == {}
        assert len(keys(plant)) == 2 * PICTURES

    @pytest.mark.parametrize("how", ["begins", "ends"])
    def test_an_image_taken_in_while_it_is_deleted_is_put_back(
        self, plant: Plant, how: str
    ) -> None:
        take(plant, record=False)
        happened = []

        def meanwhile() -> None:
            if not happened:
                happened.append(how)
                if how == "begins":
                    start(plant.engine, "ingest")
                else:
                    _record_only(plant)

        meddled = replace(plant, store=Meddling(plant.store, meanwhile))  # type: ignore[arg-type]
        findings = upkeep(meddled)
        assert findings.deleted["images"] == 0
        assert len(keys(plant, "images/")) == PICTURES


class PruneCases:
    """Needs a fixture `plant`: an open, empty plant."""

    def test_counting_changes_nothing(self, plant: Plant) -> None:
        _two_nights(plant)
        before = keys(plant)
        pruned = prune(plant, KEEP)
        assert (pruned.nights, pruned.heat_maps, pruned.models) == (1, PICTURES, 1)
        assert pruned.size_bytes == PICTURES * len(b"heat") + len("refused")
        assert keys(plant) == before
        with registry.unit_of_work(plant.engine) as session:
            assert "let go weights" not in audit_log(session, "p-1")

    def test_old_heat_maps_and_refused_weights_go_and_nothing_else(self, plant: Plant) -> None:
        old, new, batch = _two_nights(plant)
        before = keys(plant)
        with registry.unit_of_work(plant.engine) as session:
            judged = registry.judgements(session, batch.images[0].sha256)
        prune(plant, KEEP, really=True)
        gone = before - keys(plant)
        assert gone == {*(f"heat/{old}/{i.sha256}.png" for i in batch.images),
                        "models/refused/p-1.safetensors"}  # fmt: skip
        with registry.unit_of_work(plant.engine) as session:
            after = registry.judgements(session, batch.images[0].sha256)
            assert {w.heat_key for w in registry.worst(session, old)} == {None}
            assert None not in {w.heat_key for w in registry.worst(session, new)}
            assert audit_log(session, old) == ["let go heat maps"]
            assert "let go weights" in audit_log(session, "p-1")
            refused = registry.model_of(session, "p-1", "refused")
        assert [(j.score, j.version, j.threshold, j.champion) for j in after] == [
            (j.score, j.version, j.threshold, j.champion) for j in judged
        ]
        with pytest.raises(ObjectMissing, match=r"p-1 refused are gone.*db prune"):
            load_model(plant.store, refused)

    def test_a_second_time_there_is_nothing_left(self, plant: Plant) -> None:
        _two_nights(plant)
        prune(plant, KEEP, really=True)
        again = prune(plant, KEEP, really=True)
        assert (again.nights, again.heat_maps, again.models, again.size_bytes) == (0, 0, 0, 0)
        findings = upkeep(plant)
        assert not any(one.missing or one.orphans for one in findings.swept)

    @pytest.mark.parametrize("keep", [Retention(2, 180), Retention(1, 500)])
    def test_either_rule_alone_keeps(self, plant: Plant, keep: Retention) -> None:
        _two_nights(plant)
        assert prune(plant, keep).heat_maps == 0

    def test_a_heat_map_that_a_person_judged_by_stays(self, plant: Plant) -> None:
        old, _, batch = _two_nights(plant)
        seen = batch.images[3].sha256
        say(plant, old, seen)
        prune(plant, KEEP, really=True)
        assert keys(plant, f"heat/{old}/") == {f"heat/{old}/{seen}.png"}
        assert not upkeep(plant).needs_a_person

    def test_weights_that_ever_judged_stay(self, plant: Plant) -> None:
        batch_id, batch = take(plant)
        judge(plant, batch_id, batch, add_model(plant, batch_id, "once", promoted=False), "once")
        make_old(plant)
        add_model(plant, batch_id, "v2")
        assert prune(plant, KEEP).models == 0

    def test_an_old_champion_keeps_its_weights(self, plant: Plant) -> None:
        batch_id, _ = take(plant)
        for version in ("v1", "v2"):
            add_model(plant, batch_id, version)
        make_old(plant)
        add_model(plant, batch_id, "v3")
        assert prune(plant, KEEP).models == 0

    def test_a_crash_before_the_deletion_is_swept_up(self, plant: Plant) -> None:
        """The row lets go first; what is left has no row, and its run is known."""
        old, _, _ = _two_nights(plant)
        left = {key: plant.store.get(key) for key in keys(plant, f"heat/{old}/")}
        prune(plant, KEEP, really=True)
        for key, data in left.items():
            plant.store.put(key, data)
        assert upkeep(plant).deleted == {"heat": PICTURES}

    def test_the_newest_night_cannot_be_given_up(self, plant: Plant) -> None:
        for keep in (Retention(0, 10), Retention(10, 0)):
            with pytest.raises(InputError, match="one night and one day"):
                prune(plant, keep)


def _two_nights(plant: Plant) -> tuple[str, str, Batch]:
    """A champion, a refused model and a night of long ago, then a retrain and a night of today."""
    batch_id, batch = take(plant)
    first = add_model(plant, batch_id, "v1")
    add_model(plant, batch_id, "refused", promoted=False)
    old = judge(plant, batch_id, batch, first, "v1")
    make_old(plant)
    second = add_model(plant, batch_id, "v2")
    return old, judge(plant, batch_id, batch, second, "v2"), batch


def _record_only(plant: Plant) -> None:
    """Record the rows of images that are in the store, as an ingest under way would."""
    take(plant)
