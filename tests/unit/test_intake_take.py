"""A night's files: each becomes an image or a reason, whatever goes wrong beside it."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from technopro.errors import InputError, ObjectMissing, StoreError
from technopro.intake import decode, image_key, take, take_in, thumb_key, thumbnail
from technopro.intake.png import png as png_of
from technopro.results import Quarantined
from technopro.store import FolderStore, MemoryStore, ObjectUnreadable


def png(seed: int, width: int = 24, height: int = 20) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Troubled(MemoryStore):
    """A source in which some objects fail when they are read."""

    def __init__(self, objects: dict[str, bytes], trouble: dict[str, Exception]) -> None:
        super().__init__(objects)
        self.trouble = trouble

    def get(self, key: str) -> bytes:
        if key in self.trouble:
            raise self.trouble[key]
        return super().get(key)


def test_images_are_stored_by_hash_with_a_thumbnail() -> None:
    data, store = png(1), MemoryStore()
    batch = take_in(MemoryStore({"line/1.png": data}, url="memory://source"), store)
    sha256 = hashlib.sha256(data).hexdigest()
    assert store.objects[f"images/{sha256[:2]}/{sha256}"] == data
    assert decode(store.objects[f"thumbs/{sha256[:2]}/{sha256}.png"]).shape == (20, 24, 3)
    (image,) = batch.images
    assert (image.path, image.sha256, image.key) == ("line/1.png", sha256, image_key(sha256))
    assert (image.width, image.height, image.format) == (24, 20, "PNG")
    assert image.size_bytes == len(data)
    assert image.modified is not None
    assert (batch.source, batch.stored, batch.quarantined) == ("memory://source", 1, ())


def test_width_and_height_are_those_of_the_pixels_after_rotation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("L", (24, 20)).save(buffer, "PNG", exif=exif)
    (image,) = take_in(MemoryStore({"a": buffer.getvalue()}), MemoryStore(url="x://")).images
    assert (image.width, image.height) == (20, 24)


def test_a_second_take_in_stores_nothing_and_gives_the_same() -> None:
    source = MemoryStore({f"{n}.png": png(n) for n in range(5)})
    store = MemoryStore(url="x://")
    first, second = take_in(source, store), take_in(source, store)
    assert (first.stored, second.stored) == (5, 0)
    assert first.images == second.images


def test_a_duplicate_is_stored_once_and_recorded_at_each_path() -> None:
    source = MemoryStore({f"{n}.png": png(7) for n in range(6)})
    store = MemoryStore(url="x://")
    batch = take_in(source, store)
    assert [image.path for image in batch.images] == [f"{n}.png" for n in range(6)]
    assert len({image.sha256 for image in batch.images}) == 1
    assert batch.stored == 1
    assert len(store.objects) == 2  # the image and its thumbnail


@pytest.mark.parametrize("threads", [0, 1, 2, 8])
def test_the_batch_does_not_depend_on_threads(threads: int) -> None:
    objects = {f"{n % 3}/{n}.png": png(n) for n in range(20)} | {"b.txt": b"text", "a.txt": b""}
    expected = take_in(MemoryStore(objects), MemoryStore(url="x://"), threads=3)
    assert take_in(MemoryStore(objects), MemoryStore(url="x://"), threads=threads) == expected
    paths = [image.path for image in expected.images]
    assert paths == sorted(paths)
    assert [file.path for file in expected.quarantined] == ["a.txt", "b.txt"]


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStore:
    """Files that count as many, so that processes share them."""
    monkeypatch.setattr(take, "MANY", 10)
    monkeypatch.setattr(take, "A_PART", 3)
    folder = tmp_path / "line"
    folder.mkdir()
    for n in range(10):
        (folder / f"{n}.png").write_bytes(png(n % 8) if n else b"text")
    return FolderStore(folder)


def test_the_batch_does_not_depend_on_processes(many: FolderStore, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    alone = take_in(many, FolderStore(tmp_path / "a"))
    shared = take_in(many, FolderStore(tmp_path / "b"), lambda *n: told.append(n), processes=2)
    assert shared == alone
    assert (len(shared.images), len(shared.quarantined), shared.stored) == (9, 1, 8)
    assert told == [(n, 10) for n in range(1, 11)]
    stored = [sorted(one.key for one in FolderStore(tmp_path / n).list()) for n in "ab"]
    assert stored[0] == stored[1]


def test_a_store_that_fails_in_another_process_stops_the_intake(
    many: FolderStore, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot write to"):
        take_in(many, FolderStore(tmp_path / "file" / "store"), processes=2)


def test_files_that_are_no_images_are_quarantined_and_hidden_ones_passed_over() -> None:
    source = MemoryStore({"truth.csv": b"a,b\n1,2\n", ".DS_Store": b"x", "Thumbs.db": b"x"})
    batch = take_in(source, MemoryStore(url="x://"))
    assert batch.images == ()
    assert batch.quarantined == (Quarantined("truth.csv", "not an image: looks like text"),)


def test_one_bad_file_does_not_hold_up_the_others() -> None:
    objects = {f"{n}.png": png(n) for n in range(4)}
    trouble: dict[str, Exception] = {
        "1.png": ObjectMissing("gone"),
        "2.png": ObjectUnreadable("no permission to read it"),
    }
    batch = take_in(Troubled(objects, trouble), MemoryStore(url="x://"))
    assert [image.path for image in batch.images] == ["0.png", "3.png"]
    assert batch.quarantined == (
        Quarantined("1.png", "disappeared while being read"),
        Quarantined("2.png", "no permission to read it"),
    )


def test_a_source_that_fails_as_a_whole_is_not_quarantined_away() -> None:
    objects = {f"{n}.png": png(n) for n in range(40)}
    source = Troubled(objects, {"1.png": StoreError("unreachable")})
    with pytest.raises(StoreError, match="unreachable"):
        take_in(source, MemoryStore(url="x://"))


@pytest.mark.parametrize("error", [StoreError("disk full"), ObjectUnreadable("refused")])
def test_a_store_that_refuses_stops_the_intake(error: StoreError) -> None:
    class Full(MemoryStore):
        def put(self, key: str, data: bytes) -> bool:
            raise error

    with pytest.raises(StoreError, match=str(error)):
        take_in(MemoryStore({"a": png(1)}), Full(url="x://"))


def test_a_file_too_large_is_not_read() -> None:
    class Huge(MemoryStore):
        def list(self, prefix: str = ""):  # noqa: ANN202
            for info in super().list(prefix):
                yield replace(info, size_bytes=350_000_000)

        def get(self, key: str) -> bytes:
            raise AssertionError("must not be read")

    batch = take_in(Huge({"a.tif": b"x"}), MemoryStore(url="x://"))
    assert batch.quarantined == (
        Quarantined("a.tif", "too large: 350 MB; at most 200 MB are accepted"),
    )


def test_an_empty_source_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_bytes(b"x")
    with pytest.raises(InputError, match=f"no files found in {tmp_path}"):
        take_in(FolderStore(tmp_path), MemoryStore())


def test_a_file_name_that_is_not_utf8_is_quarantined_in_print(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).write_bytes(png(1))
    batch = take_in(FolderStore(tmp_path), MemoryStore())
    (file,) = batch.quarantined
    assert file.path == "\\udcff.png"
    assert file.reason == "file name is not valid UTF-8; rename the file"


def test_the_object_store_may_not_lie_among_the_images(tmp_path: Path) -> None:
    source = FolderStore(tmp_path)
    source.put("1.png", png(1))
    with pytest.raises(InputError, match="apart from the object store"):
        take_in(source, FolderStore(tmp_path / "objects"))
    with pytest.raises(InputError, match="apart from the object store"):
        take_in(source, source)
    assert take_in(source, FolderStore(tmp_path / ".technopro/objects")).stored == 1
    assert take_in(source, FolderStore(tmp_path.with_name("beside"))).stored == 1


def test_progress_counts_every_file_once() -> None:
    seen: list[tuple[int, int]] = []
    source = MemoryStore({f"{n}": png(n) for n in range(7)} | {"x": b"bad"})
    take_in(
        source, MemoryStore(url="x://"), progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(n, 8) for n in range(1, 9)]


def test_only_a_bounded_number_of_files_is_ahead_of_the_results() -> None:
    """A slow first file must not let the pool read the whole source."""
    read: list[str] = []
    release = threading.Event()

    class Slow(MemoryStore):
        def get(self, key: str) -> bytes:
            read.append(key)
            if key == "000":
                release.wait(0.5)
            return super().get(key)

    source = Slow({f"{n:03}": png(0) for n in range(100)})
    at_first: list[int] = []

    def note(done: int, _: int) -> None:
        if done == 1:
            at_first.append(len(read))

    take_in(source, MemoryStore(url="x://"), progress=note, threads=2)
    assert at_first[0] <= 2 * (take.WAITING_PER_THREAD + 1)
    assert len(read) == 100


def test_an_image_goes_into_the_store_before_its_thumbnail() -> None:
    order: list[str] = []

    class Noting(MemoryStore):
        def put(self, key: str, data: bytes) -> bool:
            order.append(key.split("/")[0])
            return super().put(key, data)

    take_in(MemoryStore({"a": png(1)}), Noting(url="x://"))
    assert order == ["images", "thumbs"]


def test_a_thumbnail_lost_in_a_crash_is_made_again() -> None:
    source, store = MemoryStore({"a": png(1)}), MemoryStore(url="x://")
    (image,) = take_in(source, store).images
    made = store.objects.pop(thumb_key(image.sha256))
    take_in(source, store)
    assert store.objects[thumb_key(image.sha256)] == made


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((512, 1024), (128, 256)), ((20, 24), (20, 24)), ((4000, 16), (256, 1))],
)
def test_a_thumbnail_is_at_most_256_pixels_a_side(
    shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    with Image.open(io.BytesIO(thumbnail(np.full((*shape, 3), 9, np.uint8)))) as small:
        assert (small.height, small.width) == expected
        assert small.mode == "L"


@pytest.mark.parametrize("shape", [(1, 1), (1, 300, 3), (300, 1), (33, 47, 3), (64, 64)])
@pytest.mark.parametrize("highest", [1, 256])
def test_pictures_are_written_without_loss(shape: tuple[int, ...], highest: int) -> None:
    pixels = np.random.default_rng(0).integers(0, highest, shape, np.uint8)
    with Image.open(io.BytesIO(png_of(pixels))) as found:
        found.verify()  # the check sums
    with Image.open(io.BytesIO(png_of(pixels))) as found:
        np.testing.assert_array_equal(np.asarray(found), pixels)


def test_a_small_picture_keeps_its_pixels_and_its_colour_in_the_thumbnail() -> None:
    pixels = decode(png(5))
    np.testing.assert_array_equal(decode(thumbnail(pixels)), pixels)
