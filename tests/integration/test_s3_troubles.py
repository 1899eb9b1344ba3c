"""A bucket that is slow, throttled, away, or changes while it is read: nothing lost or doubled."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fault_proxy import Proxy, Request, fault_proxy, slowly, the_first
from PIL import Image
from sqlalchemy import func, select

from technopro import registry
from technopro.errors import StoreError
from technopro.ingest import ingest
from technopro.intake import take, take_in
from technopro.plant import Plant, open_plant
from technopro.registry import tables
from technopro.settings import Settings
from technopro.store.s3 import S3Store

COUNT = 8


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def bucket(s3_endpoint: str, s3_bucket: str) -> S3Store:
    """The source as it really is, with eight images."""
    direct = S3Store(s3_bucket, "line", s3_endpoint)
    for number in range(COUNT):
        direct.put(f"{number}.png", png(number))
    return direct


@pytest.fixture
def proxy(s3_endpoint: str) -> Iterator[Proxy]:
    with fault_proxy(s3_endpoint) as running:
        yield running


@pytest.fixture
def plant(proxy: Proxy, tmp_path: Path) -> Iterator[Plant]:
    settings = Settings(home=tmp_path / "home", s3_endpoint_url=proxy.url, _env_file=None)
    opened = open_plant(settings)
    yield opened
    opened.engine.dispose()


def paths(plant: Plant, batch_id: int) -> list[str]:
    with registry.unit_of_work(plant.engine) as session:
        return [record.path for record in registry.batch_records(session, batch_id)]


def count(plant: Plant, table: type[tables.Base]) -> int:
    with registry.unit_of_work(plant.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


ALL = [f"{number}.png" for number in range(COUNT)]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(the_first(2, "GET", Request.throttle), id="throttled"),
        pytest.param(the_first(2, "GET", Request.hang_up), id="hung-up"),
        pytest.param(the_first(2, "3.png", Request.cut_off), id="cut-in-an-object"),
        pytest.param(slowly(0.3), id="slow"),
    ],
)
def test_what_passes_costs_nothing_but_time(
    bucket: S3Store, proxy: Proxy, plant: Plant, trouble: object
) -> None:
    proxy.trouble = trouble  # type: ignore[assignment]
    assert paths(plant, ingest(plant, bucket.url)) == ALL
    assert (count(plant, tables.Batch), count(plant, tables.Quarantine)) == (1, 0)


@pytest.mark.parametrize("trouble", [Request.throttle, Request.cut_off], ids=["throttled", "cut"])
def test_people_are_told_of_a_bucket_that_had_to_be_asked_again(
    bucket: S3Store, proxy: Proxy, plant: Plant, trouble: Callable[[Request], None]
) -> None:
    proxy.trouble = the_first(2, ".png", trouble)
    ingest(plant, bucket.url)
    with registry.unit_of_work(plant.engine) as session:
        (alert,) = registry.open_alerts(session)
        (run,) = registry.recent_runs(session)
    assert (alert.topic, alert.level) == (f"bucket asked again: {bucket.url}", "info")
    assert f"for {COUNT} files, 2 requests had to be made again" in alert.words
    assert (run.figures or {})["repeats"] == 2


def test_what_other_processes_had_to_ask_again_counts(
    bucket: S3Store, proxy: Proxy, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take, "MANY", 2)
    monkeypatch.setattr(take, "A_PART", 3)
    proxy.trouble = the_first(2, ".png", Request.throttle)
    source = S3Store(bucket.bucket, bucket.prefix, proxy.url)
    assert len(take_in(source, plant.store, processes=2).images) == COUNT
    assert source.repeats == 2


def test_nobody_is_told_of_a_bucket_that_answers(bucket: S3Store, plant: Plant) -> None:
    ingest(plant, bucket.url)
    with registry.unit_of_work(plant.engine) as session:
        assert registry.open_alerts(session) == []


@pytest.mark.parametrize("trouble", [Request.throttle, Request.hang_up], ids=["throttled", "away"])
def test_what_lasts_ends_the_ingest_and_the_next_takes_in_all(
    bucket: S3Store, proxy: Proxy, plant: Plant, trouble: object
) -> None:
    def after_three(request: Request) -> None:
        if sum("GET" in what and ".png" in what for what in proxy.seen) > 3:
            trouble(request)  # type: ignore[operator]

    proxy.trouble = after_three
    with pytest.raises(StoreError, match=r"S3 server 127\.0\.0\.1"):
        ingest(plant, bucket.url)
    assert count(plant, tables.Batch) == 0
    with registry.unit_of_work(plant.engine) as session:
        (run,) = registry.recent_runs(session)
    assert run.state == "failed"
    assert "S3 server" in (run.message or "")
    proxy.trouble = lambda _: None
    assert paths(plant, ingest(plant, bucket.url)) == ALL
    assert count(plant, tables.Image) == COUNT


def test_an_object_deleted_after_the_listing_is_put_aside_and_the_rest_goes_on(
    bucket: S3Store, proxy: Proxy, plant: Plant
) -> None:
    def deleted(request: Request) -> None:
        if request.what.endswith("5.png"):
            bucket.delete("5.png")

    proxy.trouble = deleted
    batch_id = ingest(plant, bucket.url)
    assert paths(plant, batch_id) == [path for path in ALL if path != "5.png"]
    with registry.unit_of_work(plant.engine) as session:
        (missing,) = registry.quarantined(session, batch_id)
    assert missing.reason == "disappeared while being read"
    proxy.trouble = lambda _: None
    bucket.put("5.png", png(5))
    assert paths(plant, ingest(plant, bucket.url)) == ["5.png"]


def test_an_object_that_was_replaced_is_taken_in_once_more_and_a_copy_of_itself_is_not(
    bucket: S3Store, plant: Plant
) -> None:
    first = ingest(plant, bucket.url)
    bucket.replace("1.png", png(1))
    assert ingest(plant, bucket.url) == first
    bucket.replace("1.png", png(100))
    assert paths(plant, ingest(plant, bucket.url)) == ["1.png"]
