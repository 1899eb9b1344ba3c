"""The folder store: keys that stay inside, writes that are whole, links that lead out."""

from __future__ import annotations

import errno
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from technopro.errors import ObjectMissing, StoreError
from technopro.store import FolderStore, MemoryStore, ObjectStore, ObjectUnreadable


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path / "objects") if request.param == "folder" else MemoryStore()


def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


def test_put_writes_once_and_keeps_the_first_bytes(store: ObjectStore) -> None:
    assert store.put("a/b.png", b"first") is True
    assert store.put("a/b.png", b"second") is False
    assert store.get("a/b.png") == b"first"


def test_replace_overwrites_and_creates(store: ObjectStore) -> None:
    store.replace("a", b"1")
    store.replace("a", b"2")
    assert store.get("a") == b"2"


def test_get_of_nothing_is_missing(store: ObjectStore) -> None:
    store.put("there", b"")
    with pytest.raises(ObjectMissing, match="expected an object 'not/there'"):
        store.get("not/there")


def test_delete_removes_and_is_idempotent(store: ObjectStore) -> None:
    store.put("a/b", b"x")
    assert store.exists("a/b")
    store.delete("a/b")
    store.delete("a/b")
    store.delete("a/b/c")
    assert not store.exists("a/b")


def test_an_empty_store_lists_nothing(store: ObjectStore) -> None:
    assert keys(store) == []
    assert keys(store, "no/such/") == []


def test_list_is_recursive_and_sorted_by_whole_key(store: ObjectStore) -> None:
    names = ["a/z", "a-b", "a.png", "a/b/c", "b", "a0", "ä", "日本/1.png"]
    for name in names:
        store.put(name, b"x")
    assert keys(store) == sorted(names)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("a", ["a/b/1", "a/c", "ab"]),
        ("a/", ["a/b/1", "a/c"]),
        ("a/b", ["a/b/1"]),
        ("a/b/1", ["a/b/1"]),
        ("a/b/1/", []),
        ("x", []),
    ],
)
def test_prefix_is_of_the_key_not_of_a_folder(
    store: ObjectStore, prefix: str, expected: list[str]
) -> None:
    for name in ("a/b/1", "a/c", "ab", "b"):
        store.put(name, b"x")
    assert keys(store, prefix) == expected


def test_hidden_files_are_not_listed(store: ObjectStore) -> None:
    for name in (".DS_Store", "a/.git/x", "a/Thumbs.db", "desktop.ini", "a/._1.png", "a/1.png"):
        store.put(name, b"x")
    assert keys(store) == ["a/1.png"]


def test_list_gives_size_and_time_in_utc(store: ObjectStore) -> None:
    store.put("a", b"12345")
    (info,) = store.list()
    assert info.size_bytes == 5
    assert info.modified.utcoffset() == timedelta(0)


def test_modified_is_the_files_own_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    os.utime(tmp_path / "a", (0, 1_700_000_000))
    (info,) = FolderStore(tmp_path).list()
    assert info.modified == datetime.fromtimestamp(1_700_000_000, UTC)


def test_many_threads_putting_one_key_write_it_once(store: ObjectStore) -> None:
    start = threading.Barrier(8)

    def put(n: int) -> bool:
        start.wait()
        return store.put("a/b", b"%d" % n * 1000)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, range(8))) == 1
    assert len(set(store.get("a/b"))) == 1


@pytest.mark.parametrize(
    "key", ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "", "a/", "a\0b"]
)
def test_a_key_that_is_no_plain_path_is_refused(tmp_path: Path, key: str) -> None:
    store = FolderStore(tmp_path / "objects")
    for call in (store.get, store.exists, store.delete, lambda k: store.put(k, b"x")):
        with pytest.raises(StoreError, match="expected a key inside"):
            call(key)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_beside_a_written_object(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a", b"x")
    store.put("a", b"x")
    store.replace("a", b"y")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_link_that_leads_out_is_listed_but_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/secret").write_bytes(b"secret")
    root = tmp_path / "in"
    root.mkdir()
    (root / "file").symlink_to(tmp_path / "out/secret")
    (root / "folder").symlink_to(tmp_path / "out")
    store = FolderStore(root)
    assert keys(store) == ["file", "folder"]
    for key in ("file", "folder", "folder/secret"):
        with pytest.raises(ObjectUnreadable, match="leads out of the folder"):
            store.get(key)
    assert not store.exists("file")
    with pytest.raises(StoreError):
        store.replace("folder/secret", b"overwritten")
    assert (tmp_path / "out/secret").read_bytes() == b"secret"


def test_links_inside_are_followed_to_files_and_not_to_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1").write_bytes(b"one")
    (tmp_path / "again").symlink_to(tmp_path / "a/1")
    (tmp_path / "a/round").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    store = FolderStore(tmp_path)
    assert keys(store) == ["a/1", "again", "broken"]
    assert store.get("again") == b"one"
    with pytest.raises(ObjectMissing):
        store.get("broken")


def test_a_root_that_is_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = FolderStore(tmp_path / "link")
    store.put("a", b"x")
    assert keys(store) == ["a"]
    assert store.get("a") == b"x"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ObjectUnreadable, match="not a regular file"):
        FolderStore(tmp_path).get("pipe")


def test_a_folder_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    store = FolderStore(tmp_path)
    assert not store.exists("a")
    with pytest.raises(ObjectMissing):
        store.get("a")


def test_a_file_without_permission_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    monkeypatch.setattr(Path, "read_bytes", failing(errno.EACCES))
    with pytest.raises(ObjectUnreadable, match="no permission to read it"):
        FolderStore(tmp_path).get("a")


def test_a_folder_without_permission_is_listed_and_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "open").write_bytes(b"x")
    really = os.scandir
    refuse = failing(errno.EACCES)
    monkeypatch.setattr(
        os, "scandir", lambda path: refuse() if str(path).endswith("locked") else really(path)
    )
    store = FolderStore(tmp_path)
    assert keys(store) == ["locked", "open"]
    with pytest.raises(ObjectUnreadable, match="no permission"):
        store.get("locked")


def test_a_folder_that_went_away_is_a_failing_store_not_a_missing_object(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is the drive connected") as caught:
        FolderStore(tmp_path / "gone").get("a")
    assert not isinstance(caught.value, ObjectMissing)


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot write to")]
)
def test_a_disk_that_takes_nothing_is_said_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    store = FolderStore(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(StoreError, match=words):
        store.put("a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_drive_without_hard_links_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", failing(errno.EPERM))
    store = FolderStore(tmp_path)
    assert store.put("a", b"x") is True
    assert store.put("a", b"y") is False
    assert store.get("a") == b"x"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_store_travels_to_another_process(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a", b"x")
    assert pickle.loads(pickle.dumps(store)).get("a") == b"x"  # noqa: S301


def failing(number: int):  # noqa: ANN201
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail
