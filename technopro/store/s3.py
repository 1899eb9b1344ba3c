"""Any S3 server as object store, through boto3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ResponseStreamingError
from urllib3.exceptions import HTTPError

from technopro.errors import InputError
from technopro.store.port import ObjectInfo, is_hidden
from technopro.store.s3_quick import QuickReader
from technopro.store.s3_trouble import (
    ALREADY_THERE,
    MISSING,
    BucketMissing,
    error_code,
    plain_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

__all__ = ["BucketMissing", "S3Store"]

CONFIG = Config(
    connect_timeout=10,  # seconds
    read_timeout=60,  # seconds
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,
    s3={"addressing_style": "path"},  # servers in a factory rarely have a name per bucket
    request_checksum_calculation="when_required",  # older servers refuse the newer checksums
    response_checksum_validation="when_required",
)
REFUSED = range(300, 500)  # HTTP status
READ_ATTEMPTS = 3  # boto3 retries a request, not a body that breaks off


class S3Store:
    """Keys below `prefix` in `bucket`; `endpoint_url` for servers other than Amazon's.

    Credentials come as boto3 finds them (AWS_ACCESS_KEY_ID, profile, instance role). Nothing is
    contacted before the first call.
    """

    def __init__(
        self, bucket: str, prefix: str = "", endpoint_url: str | None = None, page_size: int = 1000
    ) -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self.endpoint_url = endpoint_url
        self.page_size = page_size
        self.url = f"s3://{bucket}/{self.prefix}".rstrip("/")
        self.repeats = 0
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._quick: QuickReader | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return S3Store, (self.bucket, self.prefix, self.endpoint_url, self.page_size)

    @property
    def client(self) -> S3Client:
        """The boto3 client, made at first use; InputError for a malformed endpoint."""
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def check(self) -> None:
        """Ask for one line of the listing; StoreError says what is wrong."""
        with plain_errors(self.bucket, self.endpoint_url):
            self.client.list_objects_v2(Bucket=self.bucket, Prefix=self._key(""), MaxKeys=1)

    def put(self, key: str, data: bytes) -> bool:
        with plain_errors(self.bucket, self.endpoint_url, key):
            if self._head(key) is None:  # spares sending the bytes only to have them refused
                return False
            try:
                self.client.put_object(
                    Bucket=self.bucket, Key=self._key(key), Body=data, IfNoneMatch="*"
                )
            except ClientError as error:
                if error_code(error) in ALREADY_THERE:
                    return False
                raise
        return True

    def replace(self, key: str, data: bytes) -> None:
        with plain_errors(self.bucket, self.endpoint_url, key):
            self.client.put_object(Bucket=self.bucket, Key=self._key(key), Body=data)

    def get(self, key: str) -> bytes:
        with plain_errors(self.bucket, self.endpoint_url, key):
            client, quick = self.client, self._quick
            if quick is None:
                return self._read_again(client, key)
            answer = quick.read(self._key(key))
            if isinstance(answer, bytes):
                return answer
            data = self._read_again(client, key)
            if answer in REFUSED:  # but not to boto3: a server with rules of its own
                self._quick = None
            else:
                self._repeated(1)
            return data

    def exists(self, key: str) -> bool:
        with plain_errors(self.bucket, self.endpoint_url, key):
            error = self._head(key)
            if error is None or error_code(error) in MISSING:
                return error is None
            self.check()  # the answer to HEAD has no body; this one says more
            raise error

    def delete(self, key: str) -> None:
        with plain_errors(self.bucket, self.endpoint_url, key):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Yield sorted by key. All pages are read first: not every server keeps S3's order."""
        with plain_errors(self.bucket, self.endpoint_url):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket,
                Prefix=self._key(prefix),
                PaginationConfig={"PageSize": self.page_size},
            )
            found = [info for page in pages for info in self._infos(page)]
        yield from sorted(found, key=lambda info: info.key)

    def _infos(self, page: ListObjectsV2OutputTypeDef) -> Iterator[ObjectInfo]:
        for entry in page.get("Contents", ()):
            key = entry["Key"][len(self._key("")) :]
            if not key or key.endswith("/") or is_hidden(key):  # a slash marks an empty folder
                continue
            modified = entry["LastModified"].astimezone(UTC)
            yield ObjectInfo(key, entry["Size"], modified, entry["ETag"].strip('"'))

    def _head(self, key: str) -> ClientError | None:
        """Return None if the object is there, or what the server said instead."""
        try:
            self.client.head_object(Bucket=self.bucket, Key=self._key(key))
        except ClientError as error:
            return error
        return None

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _read_again(self, client: S3Client, key: str) -> bytes:
        for _ in range(READ_ATTEMPTS - 1):
            try:
                return self._read(client, key)
            except ClientError:
                raise
            except BotoCoreError:
                self._repeated(1)
        return self._read(client, key)

    def _read(self, client: S3Client, key: str) -> bytes:
        response = client.get_object(Bucket=self.bucket, Key=self._key(key))
        try:
            with response["Body"] as body:
                return body.read()
        except HTTPError as error:  # botocore lets some of urllib3's through
            raise ResponseStreamingError(error=error) from error

    def _connect(self) -> S3Client:
        try:
            session = boto3.session.Session()  # the default session is not safe in threads
            client = session.client("s3", endpoint_url=self.endpoint_url, config=CONFIG)
        except ValueError:
            raise InputError(
                "expected an S3 endpoint such as http://host:8333, found something else;"
                " check TECHNOPRO_S3_ENDPOINT_URL"
            ) from None
        client.meta.events.register("after-call.s3", self._count)
        if (credentials := session.get_credentials()) is not None:
            self._quick = QuickReader(client, credentials, self.bucket)
        return client

    def _count(self, parsed: dict[str, Any], **_: object) -> None:
        self._repeated(parsed.get("ResponseMetadata", {}).get("RetryAttempts", 0))

    def _repeated(self, times: int) -> None:
        if times:
            with self._lock:
                self.repeats += times
