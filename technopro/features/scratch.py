"""Views of many images on disk, so that memory does not grow with their number.

Not even small arrays are kept from each chunk: they would lie among the chunk's large ones, whose
room the allocator could then not use again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from technopro.errors import StoreError
from technopro.features.device import uploaded
from technopro.features.extract import batches
from technopro.features.views import Views
from technopro.store.folder import FULL


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards; raises StoreError where its disk gets full."""
    with tempfile.TemporaryDirectory(prefix="technopro-") as folder:
        try:
            yield Path(folder)
        except OSError as error:
            if error.errno not in FULL:
                raise
            where = Path(folder).parent
            raise StoreError(
                f"the disk of {where} is full, where the maps of a pattern lie while it is learned;"
                " free some space or set TMPDIR to a folder with more, and start again: what was "
                "learned before is kept"
            ) from error


class RowFile:
    """Arrays of one shape, appended once and read back by index."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._shape: tuple[int, ...] = ()
        self._dtype = np.dtype(np.float16)

    def append(self, rows: np.ndarray) -> None:
        """Write (B, …) rows at the end; all calls must agree on shape and type."""
        self._shape, self._dtype = rows.shape[1:], rows.dtype
        with self.path.open("ab") as file:
            file.write(np.ascontiguousarray(rows).tobytes())
        self.count += len(rows)

    def rename(self, path: Path) -> None:
        self.path.replace(path)
        self.path = path

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return the (len(indices), …) rows in the order asked for."""
        out = np.empty((len(indices), *self._shape), self._dtype)
        row_bytes = out[:1].nbytes if len(out) else 0
        with self.path.open("rb", buffering=0) as file:
            for place, index in enumerate(indices):
                data = os.pread(file.fileno(), row_bytes, int(index) * row_bytes)
                out[place] = np.frombuffer(data, self._dtype).reshape(self._shape)
        return out


class _Maps(Mapping[str, torch.Tensor]):
    """The maps of some images, each level read from disk when it is asked for."""

    def __init__(
        self, files: Mapping[str, RowFile], indices: np.ndarray, device: torch.device
    ) -> None:
        self._files, self._indices, self._device = files, indices, device

    def __getitem__(self, level: str) -> torch.Tensor:
        rows = torch.from_numpy(self._files[level].read(self._indices))
        return uploaded(rows, self._device).float()

    def __contains__(self, level: object) -> bool:
        return level in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class ViewFile:
    """The views of N images in a folder on disk, read onto one device."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        folder.mkdir(parents=True)
        self._folder, self._device = folder, device
        self._maps: dict[str, RowFile] = {}
        self._picture = RowFile(folder / "picture")
        self._pooled = RowFile(folder / "pooled")
        self._folds = RowFile(folder / "folds")

    def append(self, views: Views) -> None:
        for name, maps in views.maps.items():
            rows = self._maps.setdefault(name, RowFile(self._folder / name))
            rows.append(maps.half().cpu().numpy())
        self._picture.append(views.picture.cpu().numpy())
        self._pooled.append(views.pooled.cpu().numpy())
        self._folds.append(views.folds.numpy())

    def attach(self, name: str, parts: Iterable[torch.Tensor]) -> None:
        """Keep one more map of every image, given in order; an older one of that name is lost."""
        path = self._folder / f"{name}.new"
        path.unlink(missing_ok=True)
        rows = RowFile(path)
        for part in parts:
            rows.append(part.cpu().numpy())
        rows.rename(self._folder / name)
        self._maps[name] = rows

    def drop(self, name: str) -> None:
        """Delete a map that was attached."""
        self._maps.pop(name).path.unlink()

    @property
    def folds(self) -> torch.Tensor:
        return torch.from_numpy(self._folds.read(np.arange(len(self))))

    def __len__(self) -> int:
        return self._picture.count

    def read(self, indices: np.ndarray) -> Views:
        """Return the views of these images, in this order."""
        return Views(
            uploaded(torch.from_numpy(self._pooled.read(indices)), self._device),
            _Maps(self._maps, indices, self._device),
            uploaded(torch.from_numpy(self._picture.read(indices)), self._device),
            torch.from_numpy(self._folds.read(indices)),
        )

    def chunks(self, size: int = 16) -> Iterator[Views]:
        """Yield all views in order, `size` images at a time."""
        for part in batches(len(self), size):
            yield self.read(np.arange(part.start, part.stop))
