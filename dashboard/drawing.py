"""Drawings as HTML, drawn with the page, in its theme, at any width: marks in a box, or in rows.

Places are parts of a drawing's width and height, from the left and from the bottom, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import NamedTuple
from urllib.parse import quote

FORMS = {  # clip paths; a circle is a circle
    "square": "",
    "triangle": "polygon(50% 0,100% 100%,0 100%)",
    "diamond": "polygon(50% 0,100% 50%,50% 100%,0 50%)",
    "cross": "polygon(33% 0,67% 0,67% 33%,100% 33%,100% 67%,67% 67%,67% 100%,33% 100%,33% 67%,"
             "0 67%,0 33%,33% 33%)",
    "down": "polygon(0 0,100% 0,50% 100%)",
    "right": "polygon(0 0,100% 50%,0 100%)",
    "dash": "polygon(0 33%,100% 33%,100% 67%,0 67%)",
    "left": "polygon(100% 0,100% 100%,0 50%)",
}  # fmt: skip
CSS = """
  .tp-plot { margin: 1.9rem .6rem .6rem 3.8rem; font-size: .85rem;
    font-variant-numeric: tabular-nums; }
  .tp-plot-box { position: relative; border-bottom: 1px solid rgba(128, 138, 148, .8); }
  .tp-plot-box > i, .tp-row-box > i { position: absolute; }
  .tp-up { position: absolute; left: 0; right: 0; line-height: 1;
    border-top: 1px solid rgba(128, 138, 148, .35); }
  .tp-up span { position: absolute; right: 100%; top: -.5em; padding-right: .5rem; opacity: .8;
    white-space: nowrap; }
  .tp-flush .tp-plot { margin-left: 0; margin-right: 0; }
  .tp-flush .tp-up span { right: auto; left: 3.2%; top: .2em; z-index: 1; opacity: 1;
    text-shadow: 0 0 2px Canvas, 0 0 2px Canvas, 0 0 4px Canvas; }
  .tp-plot-name { position: absolute; left: 0; bottom: 100%; padding-bottom: .5rem;
    opacity: .8; white-space: nowrap; }
  .tp-plot-across { position: relative; height: 1.5rem; opacity: .8; }
  .tp-plot-across span { position: absolute; transform: translateX(-50%); padding-top: .2rem;
    white-space: nowrap; }
  .tp-plot-under { text-align: center; opacity: .8; }
  .tp-plot-box > .tp-painted { position: absolute; inset: 0; width: 100%; height: 100%;
    max-width: none; pointer-events: none; }
  .tp-plot-box > .tp-stretched { left: -2%; top: -5%; width: 104%; height: 110%; }
  .tp-plot-box > .tp-told { top: 0; height: 100%; }
  .tp-dot { width: 9px; height: 9px; margin: 0 0 -4.5px -4.5px; opacity: .8; }
  .tp-circle { border-radius: 50%; }
  .tp-plot-box > .tp-bar { bottom: 0; border-right: 1px solid transparent; min-height: 2px;
    background-clip: padding-box; }
  .tp-legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .2rem 0 .8rem;
    font-size: .95rem; }
  .tp-legend i { display: inline-block; width: 12px; height: 12px; margin-right: .5rem; }
  .tp-rows { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem;
    align-items: center; margin-right: 1.6rem; font-variant-numeric: tabular-nums; }
  .tp-rows > span { max-width: 20rem; overflow-wrap: anywhere; }
  .tp-row-box { position: relative; height: 1.7rem; }
  .tp-row-box > .tp-dot { opacity: 1; box-shadow: 0 0 0 2px Canvas; }
  .tp-row-box > b { position: absolute; font-weight: 400; padding-left: .5rem; opacity: .8;
    white-space: nowrap; }
""" + "".join(f"  .tp-{name} {{ clip-path: {path}; }}\n" for name, path in FORMS.items() if path)
STEPS_S = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # between two ticks of an axis …
STEPS_DAYS = (1, 2, 7, 14, 28, 91, 182, 364)  # … of time
MOST_TICKS = 7
INTERVAL_PX, DOT_PX = 4, 9
SQUARE = "polygon(0 0,100% 0,100% 100%,0 100%)"
SAFE = "<>=/:;,.()- "  # of an address within quotes
DAY_S = 86_400


class Mark(NamedTuple):
    """A dot, and what is told of it where somebody points at it."""

    x: float
    y: float
    colour: str
    form: str  # circle, or one of FORMS
    title: str


class Tick(NamedTuple):
    """A place on an axis, and its label."""

    at: float
    label: str


SCORES = tuple(Tick(score, f"{score:g}") for score in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))


class Line(NamedTuple):
    """One row of a drawing: its name, and its marks as HTML."""

    name: str
    marks: str


def dots(marks: Iterable[Mark]) -> str:
    """Return dots as HTML."""
    return "".join(
        f'<i class="tp-dot tp-{mark.form}" title="{escape(mark.title)}" style="left:{mark.x:.2%};'
        f'bottom:{mark.y:.2%};background:{mark.colour}"></i>'
        for mark in marks
    )


def painted(shapes: Iterable[str], *, stretched: bool = False) -> str:
    """Return SVG shapes as one picture over a box: much faster than an element each.

    They are placed in percent or, `stretched` with the box, in thousandths of it; then the picture
    is a little larger than the box, so that no edge is cut. Nobody can point at them: see `strip`.
    """
    whole = "".join(shapes)
    units = ' viewBox="-20 -50 1040 1100" preserveAspectRatio="none"' if stretched else ""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"{units}>{whole}</svg>'
    css = "tp-painted tp-stretched" if stretched else "tp-painted"
    return f'<img class="{css}" alt="" src="data:image/svg+xml,{quote(svg, safe=SAFE)}">'


def dot(x: float, y: float, colour: str, form: str = "circle") -> str:
    """Return a dot to be painted; `form` is circle, or one of FORMS."""
    return (
        f'<svg x="{x:.2%}" y="{1 - y:.2%}" overflow="visible" fill="{colour}" opacity=".8">'
        f"{_SHAPES[form]}</svg>"
    )


def _shape(path: str) -> str:
    """Return the clip path of a form as an SVG shape around its middle."""
    corners = [corner.split() for corner in path.removeprefix("polygon(").strip(")").split(",")]
    points = " ".join(
        ",".join(f"{(float(part.strip('%')) / 100 - 0.5) * DOT_PX:g}" for part in corner)
        for corner in corners
    )
    return f'<path d="M{points}z"/>'


_SHAPES = {
    "circle": f'<circle r="{DOT_PX / 2:g}"/>',
    **{name: _shape(path or SQUARE) for name, path in FORMS.items()},
}


def legend(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return what each colour and form stands for: (colour, form, label)."""
    marks = (
        f'<span><i class="tp-{form}" style="background:{colour}"></i>{escape(label)}</span>'
        for colour, form, label in entries
    )
    return f'<div class="tp-legend">{"".join(marks)}</div>'


def plot(
    body: str,
    words: str,
    *,
    height: int,  # pixels
    up: Sequence[Tick] = (),
    across: Sequence[Tick] = (),
    up_name: str = "",
    across_name: str = "",
) -> str:
    """Return a box of marks with its axes; `words` stand for it where it cannot be seen."""
    lines = "".join(
        f'<div class="tp-up" style="top:{1 - tick.at:.2%}"><span>{escape(tick.label)}</span></div>'
        for tick in up
    )
    name = f'<span class="tp-plot-name">{escape(up_name)}</span>' if up_name else ""
    under = f'<div class="tp-plot-under">{escape(across_name)}</div>' if across_name else ""
    return (
        f'<div class="tp-plot" role="img" aria-label="{escape(words)}">'
        f'<div class="tp-plot-box" style="height:{height}px">{lines}{name}{body}</div>'
        f"{_across(across)}{under}</div>"
    )


def rows(lines: Sequence[Line], words: str, across: Sequence[Tick] = ()) -> str:
    """Return named rows of marks, one axis below them all."""
    body = "".join(
        f'<span>{escape(line.name)}</span><div class="tp-row-box">{line.marks}</div>'
        for line in lines
    )
    axis = f"<span></span>{_across(across)}" if across else ""
    return f'<div class="tp-rows" role="img" aria-label="{escape(words)}">{body}{axis}</div>'


def bar(left: float, right: float, colour: str, title: str, *, thick: str = "70%") -> str:
    """Return a bar of a row, from `left` to `right`."""
    return (
        f'<i title="{escape(title)}" style="left:{left:.2%};width:{right - left:.2%};min-width:2px;'
        f'top:calc((100% - {thick}) / 2);height:{thick};border-radius:3px;background:{colour}"></i>'
    )


def upright(x: float, low: float, high: float) -> str:
    """Return the path of an interval that stands upright in a box."""
    return f"M{1000 * x:.1f} {1000 * (1 - high):.1f}V{1000 * (1 - low):.1f}"


def spot(x: float, y: float) -> str:
    """Return the path of a dot, as round as the end of its stroke."""
    return f"M{1000 * x:.1f} {1000 * (1 - y):.1f}h0"


def block(left: float, low: float, width: float, height: float) -> str:
    """Return the path of a rectangle."""
    start = f"M{1000 * left:.1f} {1000 * (1 - low):.1f}"
    return f"{start}h{1000 * width:.1f}v{-1000 * height:.1f}h{-1000 * width:.1f}z"


def stroked(paths: Mapping[str, Iterable[str]], px: int, css: str) -> list[str]:
    """Return the paths of each colour as one shape, drawn as wide however the box is stretched."""
    return [
        f'<path d="{"".join(own)}" fill="none" stroke="{colour}" stroke-width="{px}" '
        f'vector-effect="non-scaling-stroke" style="{css}"/>'
        for colour, own in paths.items()
    ]


def filled(paths: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the paths of each colour as one filled shape."""
    return [f'<path d="{"".join(own)}" fill="{colour}"/>' for colour, own in paths.items()]


def strip(at: float, width: float, title: str) -> str:
    """Return an upright strip of a box that tells something where somebody points at it."""
    return (
        f'<i class="tp-told" title="{escape(title)}" '
        f'style="left:{at - width / 2:.2%};width:{width:.2%}"></i>'
    )


def _across(ticks: Sequence[Tick]) -> str:
    labels = "".join(
        f'<span style="left:{tick.at:.2%}">{escape(tick.label)}</span>' for tick in ticks
    )
    return f'<div class="tp-plot-across">{labels}</div>'


def part(moment: datetime, first: datetime, last: datetime) -> float:
    """Return where a moment lies between two others; in the middle where these are one."""
    whole = _seconds(first, last)
    return _seconds(first, moment) / whole if whole else 0.5


def _seconds(first: datetime, last: datetime) -> float:
    """Return what lies between two moments, also where the clocks are changed meanwhile."""
    if first.tzinfo is not None:
        first, last = first.astimezone(UTC), last.astimezone(UTC)
    return (last - first).total_seconds()


def time_ticks(first: datetime, last: datetime, *, days: bool = False) -> list[Tick]:
    """Return the round moments of an axis of time, in the zone of both: clock times, or `days`."""
    whole = _seconds(first, last)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    steps = (*(() if days else STEPS_S), *(count * DAY_S for count in STEPS_DAYS))
    step = next((s for s in steps if whole / s < MOST_TICKS), steps[-1])
    found, one_day = [], first.date() == last.date()
    for number in range(int((whole + DAY_S) // step) + 1):
        wall = midnight + timedelta(seconds=number * step)
        moment = wall.replace(tzinfo=first.tzinfo)
        if first <= moment <= last:
            day = step >= DAY_S or (wall.hour == wall.minute == 0 and not one_day)
            label = f"{wall.month}/{wall.day}" if day else f"{wall:%H:%M}"
            found.append(Tick(part(moment, first, last), label))
    return found or [Tick(part(first, first, last), f"{first:%H:%M}")]
