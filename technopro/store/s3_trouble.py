"""What went wrong with an S3 server, in one plain line that holds no secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from technopro.errors import ObjectMissing, StoreError
from technopro.store.port import ObjectUnreadable

MISSING = {"404", "NoSuchKey", "NotFound"}
ALREADY_THERE = {"412", "PreconditionFailed"}
REFUSED = {"403", "AccessDenied", "Forbidden", "AllAccessDisabled"}
WRONG_KEYS = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "AuthorizationHeaderMalformed",
}
FULL = {"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"}
NO_KEYS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.SSOTokenLoadError,
)
KEYS_TO_DO = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile"


class BucketMissing(StoreError):
    """The server answers, and has no such bucket."""


@contextmanager
def plain_errors(bucket: str, endpoint_url: str | None, key: str | None = None) -> Iterator[None]:
    """Turn what boto3 raises into a StoreError of one line."""
    server = server_name(endpoint_url)
    try:
        yield
    except ClientError as error:
        raise _answered(error, bucket, server, key) from error
    except NO_KEYS as error:
        raise StoreError(
            f"expected credentials for {server}, found none that work"
            f" ({type(error).__name__}); {KEYS_TO_DO}"
        ) from error
    except boto.ParamValidationError as error:
        raise StoreError(
            f"expected a valid bucket and key, found {bucket!r} and {key!r}"
        ) from error
    except BotoCoreError as error:
        raise StoreError(
            f"expected an answer from {server}, found none ({type(error).__name__});"
            " check the address, the network, and that the server runs"
        ) from error


def server_name(endpoint_url: str | None) -> str:
    """Return host and port for messages, without user name or password."""
    if endpoint_url is None:
        return "Amazon S3"
    return f"the S3 server {urlsplit(endpoint_url).netloc.rpartition('@')[2]}"


def error_code(error: ClientError) -> str:
    """Return S3's name of the error, or the HTTP status where the answer had no body."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _answered(error: ClientError, bucket: str, server: str, key: str | None) -> StoreError:
    code = error_code(error)
    where = f"bucket {bucket!r} at {server}"
    if code == "NoSuchBucket":
        return BucketMissing(f"expected {where}, found no such bucket; create it or check its name")
    if code in WRONG_KEYS:
        return StoreError(f"expected valid credentials for {server}, found {code}; {KEYS_TO_DO}")
    if code in FULL:
        return StoreError(f"{where} is full ({code}): free some space and start again")
    if code in MISSING and key is not None:
        return ObjectMissing(f"expected an object {key!r} in {where}, found none")
    if code in REFUSED:
        return _refused(where, key)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "?")
    return StoreError(
        f"expected {where} to do {error.operation_name}, found error {code}"
        f" (HTTP {status}); see the server's log"
    )


def _refused(where: str, key: str | None) -> StoreError:
    if key is None:
        return StoreError(f"expected access to {where}, found it refused; {KEYS_TO_DO}")
    return ObjectUnreadable(
        f"expected access to object {key!r} in {where}, found it refused;"
        " give this account read and write access"
    )
