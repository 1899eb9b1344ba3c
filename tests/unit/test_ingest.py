"""Only what is new is taken in; nothing is taken twice or passed over."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from technopro import registry
from technopro.errors import InputError
from technopro.ingest import ingest
from technopro.plant import Plant
from technopro.registry import tables


@pytest.fixture
def line(tmp_path: Path) -> Path:
    folder = tmp_path / "line"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, shade: int) -> None:
    buffer = io.BytesIO()
    Image.new("L", (32, 32), shade).save(buffer, "PNG")
    (folder / name).write_bytes(buffer.getvalue())


def paths(plant: Plant, batch_id: int) -> list[str]:
    with registry.unit_of_work(plant.engine) as session:
        return [record.path for record in registry.batch_records(session, batch_id)]


def rows(plant: Plant) -> dict[str, int]:
    with registry.unit_of_work(plant.engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables.Base.metadata.sorted_tables
        }


def test_a_batch_is_what_has_arrived_or_been_replaced_since(plant: Plant, line: Path) -> None:
    for n in range(3):
        put(line, f"{n}.png", n)
    first = ingest(plant, str(line))
    put(line, "3.png", 3)
    put(line, "0-late.png", 4)
    put(line, "1.png", 5)
    os.utime(line / "1.png", ns=(1, 1))
    second = ingest(plant, str(line))
    assert paths(plant, first) == ["0.png", "1.png", "2.png"]
    assert paths(plant, second) == ["0-late.png", "1.png", "3.png"]
    assert paths(plant, ingest(plant, str(line), everything=True)) == [
        "0-late.png", "0.png", "1.png", "2.png", "3.png",
    ]  # fmt: skip


def test_where_nothing_is_new_nothing_is_read_or_written(plant: Plant, line: Path) -> None:
    put(line, "1.png", 1)
    (line / "broken.png").write_bytes(b"no picture")
    batch_id = ingest(plant, str(line))
    before, said = rows(plant), list[str]()
    assert ingest(plant, str(line), announce=said.append) == batch_id
    assert said == [f"batch {batch_id}: already known, nothing new in {line}"]
    assert rows(plant) == before


def test_what_could_not_be_read_is_tried_again(
    plant: Plant, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(line, "1.png", 1)
    (line / "2.png").symlink_to("/etc/hostname")
    first = ingest(plant, str(line))
    assert ingest(plant, str(line)) == first
    (line / "2.png").unlink()
    put(line, "2.png", 2)
    assert paths(plant, ingest(plant, str(line))) == ["2.png"]


def test_new_rubbish_alone_is_put_aside_and_the_last_batch_stands(plant: Plant, line: Path) -> None:
    put(line, "1.png", 1)
    batch_id = ingest(plant, str(line))
    (line / "broken.png").write_bytes(b"no picture")
    assert ingest(plant, str(line)) == batch_id
    assert rows(plant)["quarantine"] == 1
    before = rows(plant)
    assert ingest(plant, str(line)) == batch_id
    assert rows(plant) == before


def test_a_source_of_rubbish_alone_is_an_input_error(plant: Plant, line: Path) -> None:
    (line / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"no readable image.*broken\.png"):
        ingest(plant, str(line))
