"""From what a user typed to an open store."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from technopro.errors import InputError
from technopro.store.folder import FolderStore
from technopro.store.port import ObjectStore


def open_store(url: str, endpoint_url: str | None = None, must_exist: bool = False) -> ObjectStore:
    """Open a folder (plain path or file://) or s3://bucket/prefix.

    `endpoint_url` names an S3 server other than Amazon's. With `must_exist` the folder or bucket
    is looked at now: InputError if it is not there. Without, nothing is touched, and a missing
    folder is made at the first write. A file where a folder belongs is an InputError always.
    """
    scheme = url.partition("://")[0].lower() if "://" in url else "path"
    if scheme == "s3":
        return _open_bucket(url, endpoint_url, must_exist)
    if scheme not in ("path", "file"):
        raise InputError(
            f"expected a folder, file:///folder or s3://bucket/prefix, found {scheme}://…;"
            " copy the files to one of these"
        )
    return _open_folder(_file_path(url) if scheme == "file" else url, must_exist)


def _open_folder(path: str, must_exist: bool) -> FolderStore:
    if not path.strip() or "\0" in path:
        raise InputError("expected a folder, found an empty or broken path; name a folder")
    store = FolderStore(Path(path).expanduser())
    if store.root.exists() and not store.root.is_dir():
        raise InputError(f"expected a folder, found a file: {path}; name the folder it lies in")
    if must_exist:
        _check_folder(store.root, path)
    return store


def _check_folder(root: Path, path: str) -> None:
    try:
        os.scandir(root).close()
    except FileNotFoundError:
        raise InputError(f"expected a folder, found nothing at {path}; check the path") from None
    except OSError as error:
        raise InputError(
            f"expected a readable folder, found {path}: {error.strerror}; check its permissions"
        ) from error


def _file_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise InputError(f"expected file:///folder on this machine, found {url}; mount it first")
    return url2pathname(parts.path)


def _open_bucket(url: str, endpoint_url: str | None, must_exist: bool) -> ObjectStore:
    from technopro.store.s3 import BucketMissing, S3Store  # boto3 takes its time

    bucket, _, prefix = url[len("s3://") :].partition("/")
    if not bucket or not bucket.replace("-", "").replace(".", "").replace("_", "").isalnum():
        raise InputError("expected s3://bucket/prefix, found no plain bucket name; check the URL")
    store = S3Store(bucket, prefix, endpoint_url)
    if must_exist:
        try:
            store.check()
        except BucketMissing as error:
            raise InputError(str(error)) from error
    return store
