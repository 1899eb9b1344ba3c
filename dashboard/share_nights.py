"""Defect shares over time, as HTML: intervals, and a dot for each estimate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.charts import ABSTAINED, axis_end
from dashboard.drawing import (
    DOT_PX,
    INTERVAL_PX,
    Tick,
    painted,
    plot,
    spot,
    strip,
    stroked,
    upright,
)
from dashboard.translations import Language
from technopro.registry import TrendRow
from technopro.results import Estimate

HEIGHT = 150  # pixels
ROUND = "opacity:.8;stroke-linecap:round"
STRIPS = 30  # that tell of nights: narrower ones could hardly be pointed at
STRIP = 0.02  # of the width, that tells of one night
CSS = """
<style>
  .tp-nights-side { display: grid; gap: 1.4rem;
    grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
</style>
"""


class Shown(NamedTuple):
    """A share at its place across the drawing."""

    at: float
    share: Estimate
    colour: str
    title: str
    known: bool = True  # whether the estimate says anything, not the interval alone


def share_nights(
    rows: Sequence[TrendRow],
    nights: Mapping[str, datetime],
    zone: ZoneInfo,
    colour: str,
    say: Language,
) -> str:
    """Return a drawing of one pattern's nights, each where it is among all `nights` (by run).

    Both go from the oldest to the newest. Grey is a night in which the pattern could not be
    separated.
    """
    places = {run_id: (number + 0.5) / len(nights) for number, run_id in enumerate(nights)}
    shown = [
        Shown(
            places[row.run_id],
            row.share,
            colour if row.separable else ABSTAINED,
            told(say.when(row.at.astimezone(zone)), row.share, say, row.separable),
            row.separable,
        )
        for row in rows
    ]
    return shares(shown, ends([at.astimezone(zone) for at in nights.values()]), say)


def ends(nights: Sequence[datetime]) -> list[Tick]:
    """Return the first and the last of the nights, by day, or by time where both are of one."""
    first, last = min(nights), max(nights)
    close = first < last and first.date() == last.date()
    labels = [f"{at:%H:%M}" if close else f"{at.month}/{at.day}" for at in (first, last)]
    places = (0.5 / len(nights), 1 - 0.5 / len(nights))
    return [Tick(at, label) for at, label in zip(places, dict.fromkeys(labels), strict=False)]


def shares(
    shown: Sequence[Shown], across: Sequence[Tick], say: Language, height: int = HEIGHT
) -> str:
    """Return a drawing of shares, oldest first, on an axis that holds their intervals."""
    top = axis_end(max(one.share.high for one in shown))
    standing, estimates = defaultdict(list), defaultdict(list)
    for one in shown:
        standing[one.colour].append(upright(one.at, one.share.low / top, one.share.high / top))
        if one.known:
            estimates[one.colour].append(spot(one.at, one.share.estimate / top))
    shapes = stroked(standing, INTERVAL_PX, "opacity:.65") + stroked(estimates, DOT_PX, ROUND)
    return plot(
        painted(shapes, stretched=True) + _strips(shown),
        "; ".join(dict.fromkeys((shown[0].title, shown[-1].title))),
        height=height,
        up=[Tick(up, say.percent(top * up)) for up in (0.5, 1.0)],
        across=across,
    )


def _strips(shown: Sequence[Shown]) -> str:
    """Return what tells of the nights where somebody points at them, of several at once if many."""
    most = -(-len(shown) // STRIPS)
    some = [shown[first : first + most] for first in range(0, len(shown), most)]
    return "".join(
        strip(
            (own[0].at + own[-1].at) / 2,
            own[-1].at - own[0].at + STRIP,
            "\n".join(one.title for one in own),
        )
        for own in some
    )


def told(when: str, share: Estimate, say: Language, separable: bool = True) -> str:
    """Return what a share was on a night."""
    return f"{when}: {say('defect_share')} {spoken(share, say, separable)}"


def spoken(share: Estimate, say: Language, separable: bool) -> str:
    """Return a share in words; of what could not be told apart its interval alone is known."""
    estimate = say.percent(share.estimate) if separable else say("change_silent")
    return f"{estimate} ({say.span(share.low, share.high)})"
