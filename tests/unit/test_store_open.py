"""What a user may type for a store, and what is said of the rest."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from technopro.errors import InputError
from technopro.store import FolderStore, open_store
from technopro.store.s3 import S3Store


def test_a_plain_path_is_a_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), must_exist=True)
    assert isinstance(store, FolderStore)
    assert store.url == str(tmp_path)


def test_a_relative_path_gets_an_absolute_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store("images").url == str(tmp_path / "images")


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("~/images").url == str(tmp_path / "images")


def test_a_file_url_is_a_folder_with_its_escapes_undone(tmp_path: Path) -> None:
    (tmp_path / "日本 語").mkdir()
    url = (tmp_path / "日本 語").as_uri()
    assert "%20" in url
    assert open_store(url, must_exist=True).url == str(tmp_path / "日本 語")


def test_opening_makes_nothing(tmp_path: Path) -> None:
    assert list(open_store(str(tmp_path / "new")).list()) == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_an_s3_url_gives_bucket_and_prefix(slash: str) -> None:
    store = open_store(f"s3://night/line-3/a{slash}", endpoint_url="http://127.0.0.1:1")
    assert isinstance(store, S3Store)
    assert (store.bucket, store.prefix) == ("night", "line-3/a")
    assert store.url == "s3://night/line-3/a"
    assert open_store(f"s3://night{slash}").url == "s3://night"


def test_an_s3_store_travels_to_another_process() -> None:
    store = S3Store("night", "a", "http://127.0.0.1:1", page_size=7)
    again = pickle.loads(pickle.dumps(store))  # noqa: S301
    assert (again.url, again.endpoint_url, again.page_size) == (store.url, store.endpoint_url, 7)


def test_a_missing_folder_is_an_input_error_when_it_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder, found nothing at .*gone") as caught:
        open_store(str(tmp_path / "gone"), must_exist=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("must_exist", [True, False])
def test_a_file_is_no_folder(tmp_path: Path, must_exist: bool) -> None:
    (tmp_path / "1.png").write_bytes(b"x")
    with pytest.raises(InputError, match="expected a folder, found a file"):
        open_store(str(tmp_path / "1.png"), must_exist=must_exist)


@pytest.mark.parametrize(
    "url",
    ["", " ", "gs://bucket/a", "https://host/a", "s3://", "s3:///a", "file://host/share", "a\0b"],
)
def test_what_is_no_store_is_an_input_error(url: str) -> None:
    with pytest.raises(InputError, match="expected"):
        open_store(url)


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        open_store("s3://key:geheim@bucket/a")
    assert "geheim" not in str(caught.value)
    with pytest.raises(InputError) as caught:
        open_store("https://key:geheim@host/a")
    assert "geheim" not in str(caught.value)


def test_a_malformed_endpoint_is_an_input_error() -> None:
    store = open_store("s3://bucket", endpoint_url="no scheme here")
    with pytest.raises(InputError, match="expected an S3 endpoint"):
        list(store.list())
