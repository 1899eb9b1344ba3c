"""One pattern's defect share over the nights, as HTML: intervals, and a dot for each estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from dashboard.charts import ABSTAINED, gridlines
from dashboard.translations import Language
from technopro.registry import TrendRow

HEIGHT = 150  # pixels
TOPS = (0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.4, 0.6, 1.0)  # shares at which an axis may end
CSS = """
<style>
  .tp-nights { position: relative; margin: 1.2rem .6rem .2rem 3.4rem; font-size: .85rem;
    font-variant-numeric: tabular-nums; }
  .tp-nights-box { position: relative; border-bottom: 1px solid rgba(128, 138, 148, .8); }
  .tp-nights-box i, .tp-nights-box b { position: absolute; }
  .tp-nights-box i { width: 4px; margin-left: -2px; opacity: .5; min-height: 2px; }
  .tp-nights-box b { width: 7px; height: 7px; border-radius: 50%; margin: 0 0 -3.5px -3.5px; }
  .tp-nights-ends { display: flex; justify-content: space-between; opacity: .8;
    padding-top: .2rem; }
  .tp-nights-side { display: grid; gap: 1.4rem;
    grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
</style>
"""


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
    top = axis_end(max(row.share.high for row in rows))
    told = [_told(row, zone, say) for row in rows]
    marks = "".join(
        _marks(places[row.run_id], row, top, colour, title)
        for row, title in zip(rows, told, strict=True)
    )
    up = gridlines(lambda height: say.percent(top * height))
    days = [at.astimezone(zone) for at in (min(nights.values()), max(nights.values()))]
    ends = dict.fromkeys(f"{day.month}/{day.day}" for day in days)
    words = escape("; ".join(dict.fromkeys((told[0], told[-1]))))
    return (
        f'<div class="tp-nights" role="img" aria-label="{words}">'
        f'<div class="tp-nights-box" style="height:{HEIGHT}px">{up}{marks}</div>'
        f'<div class="tp-nights-ends">{"".join(f"<span>{end}</span>" for end in ends)}</div></div>'
    )


def axis_end(highest: float) -> float:
    """Return the round share at which an axis ends that shows shares up to `highest`."""
    return next((top for top in TOPS if top >= highest), TOPS[-1])


def _marks(at: float, row: TrendRow, top: float, colour: str, title: str) -> str:
    low, high, share = (part / top for part in (row.share.low, row.share.high, row.share.estimate))
    shade = colour if row.separable else ABSTAINED
    return (
        f'<i title="{title}" style="left:{at:.2%};bottom:{low:.2%};height:{high - low:.2%};'
        f'background:{shade}"></i>'
        f'<b title="{title}" style="left:{at:.2%};bottom:{share:.2%};background:{shade}"></b>'
    )


def _told(row: TrendRow, zone: ZoneInfo, say: Language) -> str:
    share = row.share
    interval = say.span(share.low, share.high)
    night = say.when(row.at.astimezone(zone))
    return escape(f"{night}: {say('defect_share')} {say.percent(share.estimate)} ({interval})")
