"""Real servers for the integration tests: started once, on this machine only, and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from drawn_night import first, night, plant, shared
from s3_server import s3_server

__all__ = ["first", "night", "plant", "shared"]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """URL of a SeaweedFS S3 server; this process's environment holds its keys meanwhile."""
    with s3_server() as url:
        yield url


@pytest.fixture
def s3_bucket(s3_endpoint: str) -> Iterator[str]:
    """Name of a new, empty bucket, removed after the test with all it holds."""
    name = f"test-{uuid4().hex[:12]}"
    client = boto3.session.Session().client("s3", endpoint_url=s3_endpoint)
    client.create_bucket(Bucket=name)
    yield name
    client.delete_bucket(Bucket=name)  # this server removes the objects with it
