"""A folder as object store: the embedded default, and where cameras drop their files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from technopro.errors import ObjectMissing, StoreError
from technopro.store.port import ObjectInfo, ObjectUnreadable, is_hidden

FULL = {errno.ENOSPC, errno.EDQUOT}
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
UNREADABLE = "unreadable"  # the stamp of a folder that cannot be looked into
LINK_OUT = "a link that leads out of the folder is not followed; copy the file into the folder"


class FolderStore:
    """Keys are POSIX paths below `path`; the folder is made at the first write.

    Links to files inside the folder are followed, links to folders never. What cannot be read
    (a link that leads out, a device, a folder without permission) is listed under its own name
    and `get` says why, so that nothing is passed over in silence.
    """

    repeats = 0  # a folder answers, or raises

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.root = Path(path).absolute()
        self.url = str(self.root)

    def put(self, key: str, data: bytes) -> bool:
        path = self._path(key)
        if os.path.lexists(path):
            return False
        with self._written(path, data) as temporary:
            return _publish_new(temporary, path)

    def replace(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with self._written(path, data) as temporary:
            temporary.replace(path)

    def get(self, key: str) -> bytes:
        path = self._path(key)
        try:
            self._check_readable(path, key)
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise self._missing(key) from None
        except OSError as error:
            raise ObjectUnreadable(_unreadable(error)) from error

    def exists(self, key: str) -> bool:
        path = self._path(key)
        return path.is_file() and self._is_inside(path)

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise StoreError(f"cannot delete {key!r} in {self.url}: {error.strerror}") from error

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        folder = prefix.rpartition("/")[0]
        if not self.root.is_dir() or (folder and not self._path(folder).is_dir()):
            return
        yield from self._walk(f"{folder}/" if folder else "", prefix)

    def _path(self, key: str) -> Path:
        """Return where `key` lies; StoreError for a key that is not a plain path below the root."""
        plain = key.replace("\\", "/") if os.sep == "\\" else key
        if any(part in ("", ".", "..") for part in plain.split("/")) or "\0" in key:
            raise StoreError(
                f"expected a key inside {self.url}, found {key!r}; name a path below it"
            )
        path = self.root / plain
        if not self._is_inside(path.parent):
            raise ObjectUnreadable(LINK_OUT)
        return path

    def _is_inside(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))

    def _check_readable(self, path: Path, key: str) -> None:
        if not self._is_inside(path):
            raise ObjectUnreadable(LINK_OUT)
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            path.stat() if path.is_symlink() else os.scandir(path).close()  # its error says more
            raise self._missing(key)
        if not stat.S_ISREG(mode):
            raise ObjectUnreadable("not a regular file but a device, pipe or socket; remove it")

    def _missing(self, key: str) -> StoreError:
        if not self.root.is_dir():
            return StoreError(f"expected a folder {self.url}, found none; is the drive connected?")
        return ObjectMissing(f"expected an object {key!r} in {self.url}, found none")

    @contextmanager
    def _written(self, path: Path, data: bytes) -> Iterator[Path]:
        """Give a hidden file beside `path` that safely holds `data`; it is gone afterwards."""
        temporary = path.parent / f".{uuid4().hex}.part"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # or a power cut may leave an empty file under the key
            yield temporary
        except OSError as error:
            raise StoreError(self._unwritable(error, len(data))) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _unwritable(self, error: OSError, size_bytes: int) -> str:
        if error.errno in FULL:
            return (
                f"the disk of {self.url} is full: expected room for {size_bytes} bytes, found none;"
                " free some space and start again, what was stored is kept"
            )
        return f"cannot write to {self.url}: {error.strerror}; check the path and its permissions"

    def _walk(self, folder: str, prefix: str) -> Iterator[ObjectInfo]:
        """Walk in the order of whole keys: a folder sorts as its name with a slash."""
        try:
            with os.scandir(self.root / folder) as entries:
                found = {_sort_name(entry): entry for entry in entries}
        except FileNotFoundError:
            return
        except OSError:
            yield ObjectInfo(folder.rstrip("/") or ".", 0, datetime.now(UTC), UNREADABLE)
            return
        for name in sorted(found):
            key = folder + name
            if is_hidden(key) or not (key.startswith(prefix) or prefix.startswith(key)):
                continue
            if name.endswith("/"):
                yield from self._walk(key, prefix)
            elif key.startswith(prefix):
                yield from self._info(key, found[name])

    def _info(self, key: str, entry: os.DirEntry[str]) -> Iterator[ObjectInfo]:
        leaves = entry.is_symlink() and not self._is_inside(Path(entry.path))
        if not leaves and entry.is_dir():
            return  # a link to a folder inside: its files are listed where they are
        with suppress(FileNotFoundError):  # gone since, unless it is a broken link
            found = entry.stat(follow_symlinks=not leaves and Path(entry.path).exists())
            modified = datetime.fromtimestamp(found.st_mtime, UTC)
            yield ObjectInfo(key, found.st_size, modified, f"{found.st_size}-{found.st_mtime_ns}")


def _sort_name(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _publish_new(temporary: Path, path: Path) -> bool:
    """Give the file its name unless taken: a hard link fails if it is, in one step."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        temporary.replace(path)  # exFAT, some network drives
    return True


def _unreadable(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it; give the account that runs this read access"
    return f"cannot be read: {error.strerror or error}"
