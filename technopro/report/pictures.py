"""Pictures for people: the contact sheet of the worst images, and the score distributions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter
from PIL import Image, ImageDraw, ImageFont

from technopro.report.tables import write_whole
from technopro.results import PatternNight

TILE, GAP, CAPTION = 256, 12, 40  # pixels
INK, PAPER = (30, 30, 30), (250, 250, 250)
DECISION_COLOURS = {"defect": "#D55E00", "review": "#E69F00", "ok": "#0072B2"}  # Okabe-Ito


@dataclass(frozen=True)
class Tile:
    """One image of a contact sheet."""

    image: np.ndarray  # (H, W, 3) uint8
    title: str
    caption: str
    colour: str = "#0072B2"
    heat: np.ndarray | None = None  # (h, w), 0 to 1


def overlay(image: np.ndarray, heat: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """Lay a heat map over a (H, W, 3) uint8 image, stronger where it is hotter."""
    size = (image.shape[1], image.shape[0])
    grown = np.asarray(
        Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    )
    grown = np.clip(grown, 0, 1)
    colour = colormaps["inferno"](grown)[..., :3] * 255
    alpha = (opacity * grown)[..., None]
    return np.asarray((image * (1 - alpha) + colour * alpha).round().astype(np.uint8))


def contact_sheet(path: Path, tiles: Sequence[Tile], title: str, columns: int = 4) -> None:
    """Write the tiles, row by row, each with its title and caption, as one PNG."""
    rows = max(1, -(-len(tiles) // columns))
    width = columns * (TILE + GAP) + GAP
    sheet = Image.new("RGB", (width, rows * (TILE + CAPTION + GAP) + GAP + CAPTION), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP), title, INK, ImageFont.load_default(20))
    for number, tile in enumerate(tiles):
        left = GAP + number % columns * (TILE + GAP)
        top = GAP + CAPTION + number // columns * (TILE + CAPTION + GAP)
        _draw_tile(sheet, pen, tile, left, top)
    data = io.BytesIO()
    sheet.save(data, "PNG")
    write_whole(path, data.getvalue())


def _draw_tile(sheet: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, x: int, y: int) -> None:
    picture = tile.image if tile.heat is None else overlay(tile.image, tile.heat)
    shown = Image.fromarray(picture)
    shown.thumbnail((TILE, TILE))
    sheet.paste(shown, (x + (TILE - shown.width) // 2, y + (TILE - shown.height) // 2))
    pen.rectangle((x - 2, y - 2, x + TILE + 1, y + TILE + 1), outline=tile.colour, width=3)
    pen.text((x, y + TILE + 4), tile.title, INK, ImageFont.load_default(15))
    pen.text((x, y + TILE + 21), tile.caption, (110, 110, 110), ImageFont.load_default(13))


def score_distributions(path: Path, scores: pd.DataFrame, nights: Sequence[PatternNight]) -> None:
    """Write one histogram a pattern with thresholds and review band as PNG."""
    columns = min(3, max(1, len(nights)))
    rows = max(1, -(-len(nights) // columns))
    figure = Figure(figsize=(5 * columns, 3.2 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for night, axis in zip(nights, axes, strict=False):
        _draw_scores(axis, scores, night)
        axis.set_title(
            f"{night.pattern}: {night.flagged} of {night.images} flagged\n"
            f"estimated share {night.defect_share.as_share(night.separable)}",
            fontsize=10,
        )
    for axis in list(axes)[len(nights) :]:
        axis.set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110)
    write_whole(path, data.getvalue())


def score_histogram(scores: pd.DataFrame, night: PatternNight) -> bytes:
    """Return the histogram of one pattern with thresholds and review band as SVG."""
    figure = Figure(figsize=(6.4, 2.2), layout="constrained")
    axis = figure.subplots()
    _draw_scores(axis, scores, night)
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.set(xlabel="score: 0 is sound, 1 is defective", ylabel="pictures")
    axis.spines[["top", "right"]].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="svg", metadata={"Date": None})
    return data.getvalue()


def _draw_scores(axis: Axes, scores: pd.DataFrame, night: PatternNight) -> None:
    own = scores.loc[scores["pattern"] == night.pattern, "score"]
    axis.hist(own, [i / 50 for i in range(51)], color="#0072B2")
    axis.axvspan(night.review_threshold, night.threshold, color="#E69F00", alpha=0.18)
    axis.axvline(night.threshold, color="#D55E00", linewidth=2)
    axis.set(yscale="log", xlim=(0, 1), ylim=(0.5, None), xlabel="score", ylabel="images")
