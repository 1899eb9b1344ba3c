"""The morning page's own look: the banner, the alerts, and the table of patterns, as HTML."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from itertools import chain

from dashboard.charts import ABSTAINED, DEFECT, OK
from dashboard.frame import View
from dashboard.share_nights import spoken
from dashboard.tables import html_table
from dashboard.told_alerts import drifted
from dashboard.tonight import HISTORY, PatternTonight, State, Tonight
from dashboard.translations import Language
from technopro.alerting import MOSTLY_DEFECTIVE
from technopro.registry import AlertRow
from technopro.results import Estimate

MARKS = {"fine": "✓", "look": "!", "running": "…", "unfinished": "✕"}
ARROWS = {"above": "▲", "below": "▼", "usual": "●", "unknown": "·", "silent": "○"}
LEVELS = {"info": "ok", "warning": "review", "critical": "defect"}  # chips of the common style
ANSWERED = ("drift of ", MOSTLY_DEFECTIVE)  # how topics begin that a new model answers
WIDTH, HEIGHT, EDGE = 110, 34, 4  # of a sparkline, px

CSS = """
<style>
  .tn-state { display: flex; gap: 1.1rem; align-items: center; padding: 1rem 1.3rem;
    border-radius: 8px; border-left: .5rem solid; margin-bottom: .3rem; }
  .tn-mark { flex: none; width: 3.4rem; height: 3.4rem; border-radius: 50%; display: grid;
    place-items: center; font-size: 2rem; font-weight: 700; color: #14181c; }
  .tn-words { font-size: 1.75rem; font-weight: 600; line-height: 1.35; margin: 0; }
  .tn-why { font-size: 1.2rem; line-height: 1.5; margin: .2rem 0 0; overflow-wrap: anywhere; }
  .tn-fine { border-color: #5b8db8; background: rgba(91, 141, 184, .14); }
  .tn-fine .tn-mark { background: #a9c8e2; }
  .tn-look { border-color: #e69f00; background: rgba(230, 159, 0, .15); }
  .tn-look .tn-mark { background: #f2bd55; }
  .tn-running { border-color: #8a9299; background: rgba(138, 146, 153, .15); }
  .tn-running .tn-mark { background: #c3c9ce; }
  .tn-unfinished { border-color: #d55e00; background: rgba(213, 94, 0, .15); }
  .tn-unfinished .tn-mark { background: #f08a4b; }
  .tn-note { border-left: .35rem solid #e69f00; padding: .3rem .9rem; margin: .8rem 0 0; }
  .tn-list { margin: 0; padding-left: 1.2rem; line-height: 1.6; font-size: 1.05rem; }
  .tn-alert { line-height: 1.5; font-size: 1.05rem; overflow-wrap: anywhere; }
  .tn-alert .tp-chip { margin: 0 .6rem 0 0; }
  .tn-since { font-size: .92rem; opacity: .75; white-space: nowrap; }
  .tn-alert .tn-since { white-space: normal; }
  .tn-change { font-weight: 600; }
  .tn-usual { display: block; font-size: .9rem; opacity: .75; }
  .tp-table td.tn-champion { font-size: .85rem; white-space: normal; min-width: 8.5rem; }
  .tn-wide { width: 30%; min-width: 9rem; }
  .tn-interval { position: relative; height: 1.1rem; }
  .tn-interval i, .tn-interval b { position: absolute; background: #d55e00; }
  .tn-interval i { top: .4rem; height: .3rem; border-radius: .2rem; opacity: .6; min-width: 2px; }
  .tn-interval b { top: .1rem; width: .9rem; height: .9rem; border-radius: 50%;
    margin-left: -.45rem; }
  .tn-interval.tn-unsure i { background: #8a9299; }
  .tn-interval.tn-unsure b { display: none; }
  .tn-side-by-side { display: grid; gap: 1.6rem;
    grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
  .tn-spark { display: block; width: 110px; height: 34px; max-width: none; }
</style>
"""


def banner(view: View, tonight: Tonight, state: State) -> str:
    """Return the page's answer: a mark, one sentence, and what it rests on."""
    say = view.say
    work = {"flagged": tonight.flagged, "waiting": tonight.waiting}
    parts = [say(f"tonight_{k}", parts=say.count("parts_count", n)) for k, n in work.items() if n]
    told = (_unfinished(view, tonight, state), _of_the_night(view, tonight, state), parts,
            _of_alerts(tonight, state, say))  # fmt: skip
    why = " ".join(chain.from_iterable(told))
    return (
        f'<div class="tn-state tn-{state.mark}" role="status">'
        f'<div class="tn-mark" aria-hidden="true">{MARKS[state.mark]}</div>'
        f'<div><p class="tn-words">{escape(say(f"tonight_{state.mark}"))}</p>'
        f'<p class="tn-why">{escape(why)}</p></div></div>'
    )


def _unfinished(view: View, tonight: Tonight, state: State) -> list[str]:
    if state.mark not in ("running", "unfinished"):
        return []
    own = tonight.night.state == {"running": "running", "unfinished": "failed"}[state.mark]
    if own or tonight.latest is None:
        return [view.say(f"state_{tonight.night.state}", when=view.when(tonight.night.started_at))]
    key = "latest_running" if state.mark == "running" else "latest_failed"
    return [view.say(key, when=view.when(tonight.latest.started_at))]


def _of_the_night(view: View, tonight: Tonight, state: State) -> list[str]:
    """Return all reasons but alerts, in their order."""
    say, when = view.say, view.when(tonight.night.started_at)
    return [
        say(f"tonight_why_{what}", patterns=say("listed").join(names), when=when)
        for what, names in state.reasons
        if what != "alerts"
    ]


def _of_alerts(tonight: Tonight, state: State, say: Language) -> list[str]:
    if "alerts" not in dict(state.reasons):
        return []
    loud = [alert for alert in tonight.alerts if alert.level != "info"]
    old = all(_earlier(alert, tonight) for alert in loud)
    count = say.count("alerts_count", len(loud))
    return [say("tonight_why_earlier" if old else "tonight_why_alerts", alerts=count)]


def _earlier(alert: AlertRow, tonight: Tonight) -> bool:
    return tonight.before is not None and alert.raised_at <= tonight.before


def since(alert: AlertRow, tonight: Tonight, say: Language, when: Callable[[datetime], str]) -> str:
    """Return since when an alert is open, and whether a drifted pattern was learned after that."""
    key = "alert_earlier" if _earlier(alert, tonight) else "alert_since"
    told = say(key, when=when(alert.raised_at))
    reigns = {p.night.pattern: p.reign for p in tonight.patterns}
    reign = reigns.get(alert.pattern or "")
    if alert.topic.startswith(ANSWERED) and reign and reign.since > alert.raised_at:
        return say("alert_relearned", since=told, when=when(reign.since))
    return told


def alert_words(view: View, level: str, words: tuple[str, str], since: str) -> str:
    """Return one alert: its level, what it is about, since when, and its details."""
    told, details = words
    chip = f'<span class="tp-chip tp-{LEVELS[level]}">{escape(view.say(f"level_{level}"))}</span>'
    when = f'<span class="tn-since">{escape(since)}</span>'
    recorded = escape(view.say("alert_recorded", words=details))
    small = f'<span class="tn-usual">{recorded}</span>' if details else ""
    return f'<div class="tn-alert">{chip}{escape(told)} {when}{small}</div>'


def differences(view: View, tonight: Tonight) -> list[str]:
    """Return in plain words why this night differs from the one before, the gravest first."""
    say = view.say
    names = tonight.names
    drift = [f"{say(f'drift_{f.level.value}')}: {drifted(f, names, say)}" for f in tonight.drift]
    champions = [
        say("new_champion", pattern=names.get(r.pattern, r.pattern), version=r.version,
            when=view.when(r.since))
        for r in tonight.champions
    ]  # fmt: skip
    thresholds = [
        say("new_thresholds", pattern=names.get(t.pattern, t.pattern), defect=f"{t.defect:.3f}",
            review=f"{t.review:.3f}", actor=t.actor, why=t.reason)
        for t in tonight.thresholds
    ]  # fmt: skip
    return [*drift, *champions, *thresholds]


def as_list(lines: Sequence[str]) -> str:
    """Return lines as an HTML list, escaped."""
    return f'<ul class="tn-list">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def pattern_table(view: View, tonight: Tonight) -> str:
    """Return the table of patterns as HTML; names given by people are escaped."""
    heads = [("pattern", ""), ("defect_share", "tp-n"), ("change", ""),
             ("last_nights", ""), ("flagged", "tp-n"), ("images", "tp-n"),
             ("version", "tn-champion")]  # fmt: skip
    rows = [_row(view, pattern) for pattern in tonight.patterns]
    return html_table([(view.say(key), css) for key, css in heads], rows)


def _row(view: View, pattern: PatternTonight) -> list[str]:
    say, night = view.say, pattern.night
    share = night.defect_share
    past = [*pattern.past[1 - HISTORY :], share.estimate]
    return [
        f"<b>{escape(pattern.name)}</b>",
        _share(share, night.separable, say),
        _change(pattern, say),
        sparkline(past, pattern.change == "above", say) if night.separable else "",
        say.number(night.flagged),
        say.number(night.images),
        _champion(view, pattern),
    ]


def _share(share: Estimate, separable: bool, say: Language) -> str:
    """Return the estimate, large, and its interval; a dash for what could not be told apart."""
    interval = say.span(share.low, share.high)
    return (
        f'<span class="tp-big">{escape(say.percent(share.estimate) if separable else "–")}</span>'
        f'<span class="tn-usual">{escape(interval)}</span>'
    )


def interval(share: Estimate, top: float, separable: bool, say: Language) -> str:
    """Return a share and its interval as a drawing from nought to `top` (0 to 1)."""
    at, low, high = (min(1.0, value / top) if top else 0.0
                     for value in (share.estimate, share.low, share.high))  # fmt: skip
    words = spoken(share, say, separable)
    unsure = "" if separable else " tn-unsure"
    return (
        f'<div class="tn-interval{unsure}" role="img" aria-label="{escape(words)}" '
        f'title="{escape(words)}"><i style="left:{low:.2%};width:{high - low:.2%}"></i>'
        f'<b style="left:{at:.2%}"></b></div>'
    )


def _change(pattern: PatternTonight, say: Language) -> str:
    arrow = f"{ARROWS[pattern.change]} {say(f'change_{pattern.change}')}"
    usual = "" if pattern.usual is None else say("usual_share", share=say.percent(pattern.usual))
    if pattern.change == "silent" and not pattern.past:
        usual = say("never_known")
    return (
        f'<span class="tn-change">{escape(arrow)}</span>'
        f'<span class="tn-usual">{escape(usual)}</span>'
    )


def _champion(view: View, pattern: PatternTonight) -> str:
    reign = pattern.reign
    since = "" if reign is None else view.say("alert_since", when=view.when(reign.since))
    return f'{escape(pattern.night.model_version)}<span class="tn-usual">{escape(since)}</span>'


def sparkline(shares: Sequence[float], loud: bool, say: Language) -> str:
    """Return a small drawing of shares (0 to 1), from nought to their highest, the last a dot.

    The highest stands below.
    """
    if len(shares) < 2:
        return ""
    top = max(max(shares), 0.01)  # a clean pattern is a flat line, not noise
    step = (WIDTH - 2 * EDGE) / (len(shares) - 1)
    points = [(EDGE + number * step, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share / top)
              for number, share in enumerate(shares)]  # fmt: skip
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<polyline points="{line}" fill="none" stroke="{ABSTAINED}" stroke-width="2" '
        f'stroke-linejoin="round"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{DEFECT if loud else OK}"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()  # st.html lets no <svg> through
    highest = say.percent(max(shares))
    alt = escape(say("spark_alt", n=str(len(shares)), top=highest))
    return (
        f'<img class="tn-spark" alt="{alt}" src="data:image/svg+xml;base64,{data}">'
        f'<span class="tn-usual">{escape(say("spark_top", top=highest))}</span>'
    )
