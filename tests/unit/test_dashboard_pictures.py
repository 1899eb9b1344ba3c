"""The heat map lies where it belongs, and the charts count right."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dashboard.histogram import axis_top, binned, score_histogram
from dashboard.pictures import heat_note, layered, light, tint
from dashboard.samples_large import about_heat
from dashboard.tonight_look import interval
from dashboard.translations import Language
from dashboard.viewer import fitted
from technopro.explain.heat import encode_heat
from technopro.results import Estimate, PatternNight


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


def night(**changes: object) -> PatternNight:
    values: dict[str, object] = {
        "pattern": "cloth-1", "images": 4, "separable": True, "flagged": 1,
        "defect_share": Estimate(0.25, 0.1, 0.4), "threshold": 0.62, "review_threshold": 0.51,
        "quality": Estimate(0.9, 0.8, 1.0), "model_version": "cloth-1-v1",
    }  # fmt: skip
    return PatternNight(**{**values, **changes})  # type: ignore[arg-type]


PICTURE = png(np.full((64, 96), 120, np.uint8))
CORNER = np.zeros((8, 8), np.float32)
CORNER[6:, :2] = 1.0  # bottom left


def layers(html: str) -> list[np.ndarray]:
    """Return the pictures that lie over each other, the lowest first, as RGBA."""
    found = re.findall(r'src="data:image/(?:jpeg|png);base64,([^"]*)"', html)
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]
    return [np.asarray(picture.convert("RGBA"), dtype=int) for picture in pictures]


@pytest.mark.parametrize(("heat", "opacity"), [(None, 0.5), (encode_heat(CORNER), 0.0)])
def test_without_heat_or_opacity_the_picture_stands_alone(
    heat: bytes | None, opacity: float
) -> None:
    (alone,) = layers(layered(light(PICTURE), heat, opacity, "a part"))
    assert alone.shape == (64, 96, 4)
    np.testing.assert_allclose(alone[..., :3], 120, atol=1)


def test_a_cold_map_is_clear() -> None:
    cold = encode_heat(np.zeros((7, 7), np.float32))
    _, over = layers(layered(light(PICTURE), cold, 1.0, ""))
    assert not over[..., 3].any()


def test_the_tint_lies_where_the_map_is_hot_as_strongly_as_was_asked() -> None:
    html = layered(light(PICTURE), encode_heat(CORNER), 0.5, '"<b>')
    _, over = layers(html)
    assert over.shape == (8, 8, 4)
    assert tuple(over[-1, 0]) == (255, 236, 90, 255)
    assert not over[:4, :, 3].any()
    assert 'style="opacity:0.5"' in html
    assert 'alt="&quot;&lt;b&gt;"' in html


def test_the_tint_goes_from_one_colour_to_the_other_by_hand() -> None:
    ramp = np.array([[0.0, 0.575, 1.0]], np.float32)  # 0.575 is half way from 0.15 to 1
    shown = np.asarray(Image.open(io.BytesIO(tint(encode_heat(ramp)))), dtype=int)
    np.testing.assert_allclose(shown[0, :, 3], [0, 127, 255], atol=1)
    np.testing.assert_allclose(shown[0, 1, :3], [237, 176, 52], atol=1)


def test_a_picture_is_shrunk_only_where_it_is_too_large() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 100, 3), np.uint8)
    whole, share = fitted(pixels, 4000)
    assert share == 1
    np.testing.assert_array_equal(opened(whole), pixels)
    small, share = fitted(pixels, 1000)
    assert share == 0.5
    assert opened(small).shape == (20, 50, 3)


def test_every_score_is_counted_once_on_the_right_side_of_the_thresholds() -> None:
    scores = np.array([0.0, 0.5, 0.51, 0.615, 0.62, 0.63, 1.0])
    images = dict.fromkeys(("ok", "review", "defect"), 0)
    for bar in binned(scores, review_threshold=0.51, threshold=0.62):
        images[bar.decision] += bar.images
    assert images == {"ok": 2, "review": 2, "defect": 3}


@pytest.mark.parametrize("threshold", [0.0, 1.0, float("inf")])
def test_extreme_thresholds_lose_no_image(threshold: float) -> None:
    found = binned(np.linspace(0, 1, 11), threshold, threshold)
    assert sum(bar.images for bar in found) == 11


def test_a_bar_is_as_high_as_the_root_of_its_images() -> None:
    """One image and sixteen, on an axis up to twenty: heights by hand."""
    scores = np.array([0.01, *np.full(16, 0.99)])
    drawn = score_histogram(scores, night(), Language("en"))
    heights = re.findall(r"tp-hist-(ok|defect)\" [^>]*height:([0-9.]+)%", drawn)
    assert heights == [("ok", f"{100 * (1 / 20) ** 0.5:.2f}"), ("defect", f"{100 * 0.8**0.5:.2f}")]
    assert "left:51.00%;width:11.00%" in drawn  # the review band
    assert "defect: 16, ok: 1" in drawn


def test_a_histogram_of_nothing_has_no_bar() -> None:
    drawn = score_histogram(np.array([]), night(threshold=float("inf")), Language("en"))
    assert "tp-bar" not in drawn
    assert "tp-hist-line" not in drawn  # the threshold that nothing reaches


def test_nothing_is_drawn_as_a_defect_where_it_cannot_be_told() -> None:
    drawn = score_histogram(np.array([0.1, 0.9]), night(separable=False), Language("en"))
    assert "tp-hist-defect" not in drawn
    assert "left:51.00%;width:49.00%" in drawn  # all above the review threshold is to review


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (4, 4), (5, 8), (13, 20), (20, 20), (2100, 4000)]
)
def test_the_axis_ends_at_four_times_a_round_number(most: int, top: int) -> None:
    assert axis_top(most) == top


def test_an_interval_is_drawn_to_scale() -> None:
    share, say = Estimate(0.25, 0.1, 0.4), Language("en")
    for separable, words in ((True, "25.0 %"), (False, "not known")):
        drawn = interval(share, 0.5, separable, say)
        assert "left:20.00%;width:60.00%" in drawn
        assert "left:50.00%" in drawn
        assert ("tn-unsure" in drawn) is not separable
        assert f"{words} (10.0 % – 40.0 %)" in drawn
    assert "left:0.00%;width:0.00%" in interval(Estimate(0, 0, 0), 0.0, True, Language("en"))


@pytest.mark.parametrize(
    ("faithfulness", "note", "said"),
    [
        (None, None, ["samples_heat_may_lie"]),
        (0.94, "heat_doubtful", ["samples_heat_may_lie", "heat_doubtful"]),
        (0.95, None, ["samples_heat_may_lie", "heat_faithful"]),
    ],
)
def test_a_map_that_is_not_faithful_is_warned_of(
    faithfulness: float | None, note: str | None, said: list[str]
) -> None:
    heat = encode_heat(np.eye(7), faithfulness)
    assert heat_note(heat) == note
    assert about_heat(heat) == said


def test_of_no_map_it_is_said_that_there_is_none() -> None:
    assert heat_note(None) == "no_heat"
    assert about_heat(None) == ["samples_no_heat"]
