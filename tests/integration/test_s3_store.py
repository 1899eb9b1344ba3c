"""The S3 store against a real server: signatures checked, conditional puts, pages."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import numpy as np
import pytest
from botocore.exceptions import IncompleteReadError
from PIL import Image

from technopro.errors import InputError, ObjectMissing, StoreError
from technopro.intake import take_in
from technopro.store import MemoryStore, ObjectStore, ObjectUnreadable, open_store
from technopro.store.s3 import S3Store
from technopro.store.s3_quick import NO_ANSWER, QuickReader

SECRET = "a-secret-that-no-message-may-show"  # noqa: S105


@pytest.fixture
def store(s3_endpoint: str, s3_bucket: str) -> S3Store:
    return S3Store(s3_bucket, "line-3/night", s3_endpoint)


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def message(call: Callable[[], object], kind: type[Exception] = StoreError) -> str:
    with pytest.raises(kind) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert SECRET not in text
    return text


def every_call(store: ObjectStore) -> Iterator[Callable[[], object]]:
    yield lambda: store.get("a")
    yield lambda: store.put("a", b"x")
    yield lambda: store.replace("a", b"x")
    yield lambda: list(store.list())
    yield lambda: store.delete("a")


def test_put_writes_once_and_replace_overwrites(store: S3Store) -> None:
    assert store.put("a/b.png", b"first") is True
    assert store.put("a/b.png", b"second") is False
    assert store.get("a/b.png") == b"first"
    store.replace("a/b.png", b"third")
    assert store.get("a/b.png") == b"third"


def test_the_server_itself_refuses_a_second_put(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers may both look before either writes: only the conditional put decides."""
    start = threading.Barrier(4)
    look = S3Store._head

    def look_together(self: S3Store, key: str) -> object:
        found = look(self, key)
        start.wait(10)
        return found

    monkeypatch.setattr(S3Store, "_head", look_together)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda n: store.put("a", b"%d" % n), range(4))) == 1


def test_get_exists_and_delete_of_nothing(store: S3Store) -> None:
    assert "expected an object 'no/thing'" in message(lambda: store.get("no/thing"), ObjectMissing)
    assert store.exists("no/thing") is False
    store.delete("no/thing")
    store.put("thing", b"")
    assert store.exists("thing") is True
    assert store.get("thing") == b""
    store.delete("thing")
    assert store.exists("thing") is False


def test_list_is_sorted_by_key_below_the_prefix_without_hidden_files(
    store: S3Store, s3_endpoint: str, s3_bucket: str
) -> None:
    names = ["a/z", "a-b", "a.png", "a/b/c", "a b+%.png", "b", "a0", "ä", "日本/1.png"]
    for name in [*names, ".DS_Store", "a/Thumbs.db"]:
        store.put(name, b"123")
    S3Store(s3_bucket, "line-30", s3_endpoint).put("other", b"x")
    found = list(store.list())
    assert [info.key for info in found] == sorted(names)
    assert [info.key for info in store.list("a/")] == ["a/b/c", "a/z"]
    assert {info.size_bytes for info in found} == {3}
    assert all(info.modified.utcoffset() == timedelta(0) for info in found)
    assert abs(found[0].modified - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_store_at_the_root_of_the_bucket(s3_endpoint: str, s3_bucket: str) -> None:
    store = S3Store(s3_bucket, "", s3_endpoint)
    store.put("a/1", b"x")
    assert [info.key for info in store.list()] == ["a/1"]
    assert store.url == f"s3://{s3_bucket}"


def test_the_marker_of_an_empty_folder_is_not_listed(store: S3Store) -> None:
    client = store.client
    client.put_object(Bucket=store.bucket, Key="line-3/night/empty/", Body=b"")
    assert list(store.list()) == []


def test_more_objects_than_a_page_holds_are_all_listed(store: S3Store) -> None:
    names = [f"{n % 7}/{n:04}" for n in range(1_050)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.replace(name, b"x"), names))
    assert [info.key for info in store.list()] == sorted(names)


@pytest.mark.parametrize("page_size", [1, 3])
def test_small_pages_lose_and_double_nothing(
    s3_endpoint: str, s3_bucket: str, page_size: int
) -> None:
    store = S3Store(s3_bucket, "p", s3_endpoint, page_size)
    names = ["a/b/1", "a/b/2", "a/c", "a-", "b/1", "c", "c0", "d/e/f/g"]
    for name in names:
        store.put(name, b"x")
    assert [info.key for info in store.list()] == sorted(names)


def test_taking_in_from_s3_to_s3_twice(s3_endpoint: str, s3_bucket: str) -> None:
    source = open_store(f"s3://{s3_bucket}/in", s3_endpoint, must_exist=True)
    target = open_store(f"s3://{s3_bucket}/objects", s3_endpoint)
    for n in range(6):
        source.put(f"{n % 2}/{n}.png", png(n // 2))  # three pictures, each twice
    source.put("readme.txt", b"hello")
    first, second = take_in(source, target), take_in(source, target)
    assert (len(first.images), first.stored, second.stored) == (6, 3, 0)
    assert [file.path for file in first.quarantined] == ["readme.txt"]
    assert first.images == second.images
    assert target.get(first.images[0].key) == source.get(first.images[0].path)
    assert len(list(target.list("thumbs/"))) == 3


def test_an_empty_prefix_has_no_files(s3_endpoint: str, s3_bucket: str) -> None:
    source = open_store(f"s3://{s3_bucket}/nothing", s3_endpoint, must_exist=True)
    with pytest.raises(InputError, match=f"no files found in s3://{s3_bucket}/nothing"):
        take_in(source, MemoryStore())


def test_a_missing_bucket_is_named(s3_endpoint: str) -> None:
    for call in every_call(S3Store("no-such-bucket", "", s3_endpoint)):
        assert "expected bucket 'no-such-bucket'" in message(call)
    url = "s3://no-such-bucket/a"
    text = message(lambda: open_store(url, s3_endpoint, must_exist=True), InputError)
    assert "found no such bucket; create it or check its name" in text


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_keys_are_said_to_be_wrong_and_not_shown(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    store.put("a", b"x")
    monkeypatch.setenv(name, "wrong-and-not-to-be-shown")
    wrong = S3Store(store.bucket, store.prefix, store.endpoint_url)
    for call in (lambda: wrong.put("b", b"x"), lambda: wrong.exists("a"), *every_call(wrong)):
        text = message(call)
        assert "expected valid credentials" in text
        assert "wrong-and-not-to-be-shown" not in text
    assert store.get("a") == b"x"


def test_missing_keys_are_said_to_be_missing(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    keyless = S3Store(store.bucket, store.prefix, store.endpoint_url)
    assert "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in message(keyless.check)


def test_an_endpoint_that_does_not_answer_is_named_without_its_password(
    store: S3Store,
) -> None:
    with socket.socket() as closed:  # bound, not listening: refuses at once
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        nowhere = S3Store("bucket", "", f"http://user:{SECRET}@{address}")
        text = message(lambda: nowhere.get("a"))
    assert f"expected an answer from the S3 server {address}, found none" in text
    with pytest.raises(StoreError) as caught:
        nowhere.get("a")
    assert not isinstance(caught.value, ObjectMissing | ObjectUnreadable)


def test_an_s3_server_that_stops_does_not_fill_the_quarantine(store: S3Store) -> None:
    store.put("1.png", png(1))

    class Stopping(S3Store):
        def get(self, key: str) -> bytes:
            return S3Store(self.bucket, self.prefix, "http://127.0.0.1:1").get(key)

    source = Stopping(store.bucket, store.prefix, store.endpoint_url)
    with pytest.raises(StoreError, match="expected an answer"):
        take_in(source, MemoryStore())


def test_many_threads_share_one_store(store: S3Store) -> None:
    again = S3Store(store.bucket, store.prefix, store.endpoint_url)
    bodies = {f"{n}": bytes([n]) * 20_000 for n in range(40)}
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda item: again.put(*item), bodies.items()))
        assert list(pool.map(again.get, bodies)) == list(bodies.values())


def not_by_boto3(*_: object) -> bytes:
    raise AssertionError("boto3 was asked")


@pytest.mark.parametrize("key", ["a.png", "a b+c?d#e&f=g%20h/ü–染み~!'()*.png"])
def test_a_whole_object_is_read_without_boto3_whatever_its_name(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    store.put(key, png(0))
    monkeypatch.setattr(S3Store, "_read", not_by_boto3)
    assert store.get(key) == png(0)
    assert store.repeats == 0


def test_a_server_that_refuses_all_but_boto3_is_left_to_it(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refused(_: QuickReader, key: str) -> int:
        asked.append(key)
        return 403

    monkeypatch.setattr(QuickReader, "read", refused)
    store.put("a", b"whole")
    assert [store.get("a"), store.get("a")] == [b"whole", b"whole"]
    assert len(asked) == 1
    assert store.repeats == 0


def test_a_body_that_breaks_off_is_read_again(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", b"whole")
    breaks = [IncompleteReadError(actual_bytes=1, expected_bytes=5)] * 2
    read = S3Store._read

    def breaking(self: S3Store, client: object, key: str) -> bytes:
        if breaks:
            raise breaks.pop()
        return read(self, client, key)  # type: ignore[arg-type]

    monkeypatch.setattr(QuickReader, "read", lambda *_: NO_ANSWER)
    monkeypatch.setattr(S3Store, "_read", breaking)
    assert store.get("a") == b"whole"
    assert store.repeats == 3
    breaks += [IncompleteReadError(actual_bytes=1, expected_bytes=5)] * 3
    assert "found none (IncompleteReadError)" in message(lambda: store.get("a"))


def test_one_object_that_is_refused_is_unreadable_and_the_rest_goes_on(
    store: S3Store, s3_endpoint: str
) -> None:
    for n in range(2):
        store.put(f"{n}.png", png(n))
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        f'"Action":"s3:GetObject","Resource":"arn:aws:s3:::{store.bucket}/*/0.png"}}]}}'
    )
    client = boto3.session.Session().client("s3", endpoint_url=s3_endpoint)
    client.put_bucket_policy(Bucket=store.bucket, Policy=policy)
    batch = take_in(store, MemoryStore())
    assert [image.path for image in batch.images] == ["1.png"]
    assert "found it refused" in batch.quarantined[0].reason
