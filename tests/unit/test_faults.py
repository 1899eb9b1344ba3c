"""Faults of the camera are told from defects, and a second photograph from a second part."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image, ImageFilter

from technopro.intake.exposure import expose, exposure_table
from technopro.patterns import duplicates as copies
from technopro.patterns import faults, parts
from technopro.patterns.duplicates import near_duplicates, perceptual_hash
from technopro.patterns.faults import Usual, camera_faults, learn_usual, usual_by_part
from technopro.results import Fault
from technopro.survey import Faulty, Survey

PARTS = 40


def part(number: int, side: int = 96) -> np.ndarray:
    """A rough surface of its own, with a shading that all parts share."""
    rng = np.random.default_rng(number)
    shading = 90 + 60 * np.linspace(0, 1, side)[:, None] * np.ones((1, side))
    rough = rng.normal(0, 25, (side // 2, side // 2)).repeat(2, 0).repeat(2, 1)
    grey = np.clip(shading + rough, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def embedding(number: int) -> np.ndarray:
    return np.random.default_rng([1, number]).normal(5, 1, 60).astype(np.float32)


def faults_of(odd: np.ndarray, look: np.ndarray | None = None) -> Fault | None:
    """What is found wrong with one image among forty parts."""
    images = [*map(part, range(PARTS)), odd]
    embeddings = np.stack([*map(embedding, range(PARTS)), embedding(99) if look is None else look])
    table = exposure_table([expose(image) for image in images])
    found = camera_faults(learn_usual(table, embeddings), table, embeddings)
    assert found[:PARTS] == [None] * PARTS
    return found[-1]


def blurred(image: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(4)))


@pytest.mark.parametrize(
    ("odd", "fault"),
    [
        (part(99), None),
        (part(99) // 6, Fault.DARK),
        (part(99) * 0, Fault.DARK),
        (np.full_like(part(99), 255), Fault.SATURATED),
        (np.full_like(part(99), 120), Fault.EMPTY),
        (blurred(part(99)), Fault.BLURRED),
    ],
)
def test_each_fault_has_its_name(odd: np.ndarray, fault: Fault | None) -> None:
    assert faults_of(odd) is fault


def test_what_was_merged_is_held_to_its_own_light_and_look() -> None:
    """Eight parts under a weak lamp, merged into forty others; the ninth is dark even there."""
    weak = [*(part(100 + n) // 4 for n in range(8)), part(108) // 24]
    images = [*map(part, range(PARTS)), *weak]
    looks = [*map(embedding, range(PARTS)), *(embedding(100 + n) + 20 for n in range(len(weak)))]
    hashes = [f"{n:02}" for n in range(len(images))]
    bits = np.stack([perceptual_hash(image) for image in images])
    table = exposure_table([expose(image) for image in images])
    survey = Survey(hashes, np.stack(looks), table, bits, lambda sha256: images[int(sha256)])
    everything = list(range(len(images)))
    as_one = survey.faulty({"p-1": everything}, {"p-1": survey.usual(everything)})
    assert as_one.keys() == set(hashes[PARTS:])
    parts = {"p-1": everything[:PARTS], "p-2": everything[PARTS:]}
    usual = {name: survey.usual(members) for name, members in parts.items()}
    assert survey.faulty(parts, usual) == {hashes[-1]: Faulty(Fault.DARK)}


def test_a_recipe_tells_of_each_part_and_an_older_one_of_all() -> None:
    images = [*map(part, range(PARTS))]
    table = exposure_table([expose(image) for image in images])
    usual = learn_usual(table, np.stack([*map(embedding, range(PARTS))]))
    kept = json.loads(json.dumps(usual.to_json()))
    assert usual_by_part({"p-1": kept, "p-2": kept}, "p-1") == {"p-1": usual, "p-2": usual}
    assert usual_by_part(kept, "p-1") == {"p-1": usual}


def test_a_picture_of_something_else_is_foreign() -> None:
    assert faults_of(part(99), embedding(99) + 12) is Fault.FOREIGN


def test_a_large_defect_is_no_fault_of_the_camera() -> None:
    """A third of the part is burnt black, another spot is smooth."""
    image = part(99).copy()
    image[:32] = 0
    image[60:80, 60:80] = 130
    assert faults_of(image) is None


def test_a_pattern_that_is_always_dark_or_smooth_is_usual() -> None:
    images = [part(i) // 6 for i in range(PARTS)]
    table = exposure_table([expose(image) for image in images])
    embeddings = np.stack([embedding(i) for i in range(PARTS)])
    assert camera_faults(learn_usual(table, embeddings), table, embeddings) == [None] * PARTS


def test_the_distance_is_the_median_over_channels_however_many_images_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    points, centre, scale = rng.normal(size=(50, 9)), rng.normal(size=9), rng.uniform(1, 2, 9)
    expected = np.median(np.abs(points - centre) / scale, axis=1)
    for rows in (4096, 50, 7):
        monkeypatch.setattr(parts, "ROWS", rows)
        assert np.array_equal(faults._distance(points, centre, scale), expected)


def test_what_is_usual_survives_json() -> None:
    table = exposure_table([expose(part(i)) for i in range(8)])
    usual = learn_usual(table, np.stack([embedding(i) for i in range(8)]))
    assert Usual.from_json(usual.to_json()) == usual


def duplicates(images: list[np.ndarray]) -> dict[int, int]:
    bits = np.stack([perceptual_hash(image) for image in images])
    names = [str(i) for i in range(len(images))]
    return near_duplicates(bits, names, lambda name: images[int(name)])


def test_the_same_photograph_stored_again_is_a_duplicate_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = [part(i) for i in range(12)]
    packed = io.BytesIO()
    Image.fromarray(images[3]).save(packed, "JPEG", quality=85)
    brighter = np.clip(images[7] * 1.05, 0, 255).astype(np.uint8)
    again = [*images, np.asarray(Image.open(packed).convert("RGB")), brighter]
    assert duplicates(again) == {12: 3, 13: 7}
    monkeypatch.setattr(copies, "PAIRS", 14 * 5)  # five images at once
    assert duplicates(again) == {12: 3, 13: 7}


def test_parts_that_lie_alike_are_not_duplicates() -> None:
    """One shape in every picture, and noise of its own: hashes agree, photographs do not."""
    rng = np.random.default_rng(0)
    shape = np.zeros((96, 96))
    shape[20:70, 30:60] = 120
    images = [
        np.repeat((60 + shape + rng.normal(0, 6, shape.shape))[..., None], 3, 2).astype(np.uint8)
        for _ in range(20)
    ]
    assert duplicates(images) == {}


def test_all_copies_of_one_photograph_point_at_the_first() -> None:
    images = [part(i) for i in range(12)]
    for quality in (40, 95, 96):
        packed = io.BytesIO()
        Image.fromarray(images[3]).save(packed, "JPEG", quality=quality)
        images.append(np.asarray(Image.open(packed).convert("RGB")))
    assert duplicates(images) == {12: 3, 13: 3, 14: 3}


def test_where_most_parts_look_like_copies_none_is_one() -> None:
    """One shape that lies a little to the left or right: what is left without the mean agrees."""
    rng = np.random.default_rng(0)
    shape = np.zeros((96, 96))
    shape[20:70, 30:60] = 120
    images = [
        np.repeat(
            (60 + np.roll(shape, rng.choice([-2, 2]), 1) + rng.normal(0, 2, shape.shape))[
                ..., None
            ],
            3,
            2,
        ).astype(np.uint8)
        for _ in range(20)
    ]
    assert duplicates(images) == {}
