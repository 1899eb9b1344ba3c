"""Point in time: who judged an image, at which threshold, and what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.address import remember
from dashboard.frame import View
from dashboard.models import by_whom
from dashboard.patterns import called
from dashboard.samples import decided, decision_chip, score_of
from dashboard.tables import html_table
from dashboard.translations import Language
from dashboard.viewer import viewer
from dashboard.words import CATALOGUE
from technopro import registry
from technopro.errors import RegistryError
from technopro.registry import AuditRow, Judgement, VerdictRow

LONGEST = 1024  # characters of a path
SHOWN = 20  # judgements, changes
DETAILS = ("version", "before", "into", "of", "parts", "title", "reason")  # of a change


def question(view: View) -> None:
    """Ask for an image and a day, and answer."""
    say = view.say
    st.caption(say("question_caption"))
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    text = left.text_input(
        say("models_image_text"), st.query_params.get("image", "")[:LONGEST], max_chars=LONGEST,
        key="image", help=say("models_image_help"), on_change=remember, args=("image", ""),
    )  # fmt: skip
    today = datetime.now(ZoneInfo(view.plant.settings.timezone)).date()
    day = right.date_input(
        say("question_day"), start_day(st.query_params.get("day", ""), today), max_value=today,
        min_value=date(2000, 1, 1), format="YYYY-MM-DD", key="day", on_change=remember,
        args=("day", today),
    )  # fmt: skip
    if not text.strip():
        st.write(say("question_empty"))
        return
    until = end_of(day if isinstance(day, date) else today, view.plant.settings.timezone)
    with view.session() as session:
        try:
            sha256 = registry.find_image(session, text.strip())
        except RegistryError as error:
            st.info(say("image_unknown"))
            st.text(str(error))
            return
        found = registry.judgements(session, sha256, before=until)
        verdicts = registry.verdicts(session, sha256=sha256)
        titles = {name: p.title for name, p in registry.patterns(session).items()}
    if not found:
        st.info(say("not_judged_yet"))
        return
    _answer(view, found, verdicts, called(found[0].pattern, titles.get(found[0].pattern)))


def start_day(wanted: str, today: date) -> date:
    """Return the address's day, or today where it is none, too old or yet to come."""
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        return today
    return day if date(2000, 1, 1) <= day <= today else today


def end_of(day: date, timezone: str) -> datetime:
    """Return the moment at which a day of the plant ends."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC)


def details(row: AuditRow) -> str:
    """Return what a change was about, in one line."""
    said = {name: row.details.get(name) for name in DETAILS}
    return "; ".join(f"{name}: {value}" for name, value in said.items() if value)


def deed(action: str, say: Language) -> str:
    """Return what was done, in words where there are some."""
    key = f"deed_{action}".replace(" ", "_")
    return say(key) if key in CATALOGUE else action


def _answer(
    view: View, found: Sequence[Judgement], verdicts: Sequence[VerdictRow], pattern: str
) -> None:
    say, last = view.say, found[0]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        alt = say("review_alt", path=", ".join(last.paths), pattern=pattern)
        viewer(view, last.sha256, alt, height="48vh", key="models-picture")
    right.html(_told(view, last, pattern))
    st.subheader(say("models_judgements_title"), anchor=False)
    st.html(_judgements(view, found[:SHOWN]))
    if len(found) > SHOWN:
        st.caption(say("models_newest_of", n=say.number(SHOWN), all=say.number(len(found))))
    st.subheader(say("models_changes_title"), anchor=False)
    if last.changes:
        st.html(_changes(view, last.changes[:SHOWN]))
        if len(last.changes) > SHOWN:
            all_changes = say.number(len(last.changes))
            st.caption(say("models_newest_of", n=say.number(SHOWN), all=all_changes))
    else:
        st.write(say("models_changes_none"))
    st.subheader(say("models_verdicts_title"), anchor=False)
    if verdicts:
        st.html(_verdicts(view, verdicts))
    else:
        st.write(say("models_verdicts_none"))


def _told(view: View, one: Judgement, pattern: str) -> str:
    say = view.say
    words = say(
        "models_judged", when=view.when(one.judged_at), version=one.version,
        threshold=f"{one.threshold:.3f}", review=f"{one.review_threshold:.3f}",
    )  # fmt: skip
    champion = say("judged_no_champion")
    if one.champion is not None:
        key = "judged_by_champion" if one.champion.model_id == one.model_id else "judged_by_other"
        champion = say(key, version=one.champion.version, since=view.when(one.champion.since),
                       who=by_whom(one.champion.actor, say))  # fmt: skip
    return (
        f'<div class="tp-card"><span class="tp-score" style="font-size:2.6rem">{score_of(one)}'
        f"</span> {decision_chip(decided(one.decision, one.separable), say)}{_fault(one, say)}"
        f'<p class="tp-calm">{escape(words)} {escape(champion)}</p>'
        f'<b>{escape(pattern)}</b><br><span class="tp-path">{escape(", ".join(one.paths))}<br>'
        f"SHA-256 {escape(one.sha256)}</span></div>"
    )


def _fault(one: Judgement, say: Language) -> str:
    return "" if one.fault is None else f" {escape(say(f'samples_fault_{one.fault}'))}"


def _judgements(view: View, found: Sequence[Judgement]) -> str:
    say = view.say
    heads = {say("models_when"): "", say("score"): "tp-n", say("models_decision"): "",
             say("threshold"): "tp-n", say("review_threshold"): "tp-n", say("models_model"): "",
             say("pattern"): "", say("models_by_run"): ""}  # fmt: skip
    rows = [
        [
            escape(view.when(one.judged_at)),
            f'<span class="tp-big">{score_of(one)}</span>',
            decision_chip(decided(one.decision, one.separable), say) + _fault(one, say),
            f"{one.threshold:.3f}",
            f"{one.review_threshold:.3f}",
            escape(one.version),
            escape(one.pattern),
            escape(one.run_id[:8]),
        ]
        for one in found
    ]
    return html_table(heads.items(), rows)


def _changes(view: View, changes: Sequence[AuditRow]) -> str:
    say = view.say
    heads = {
        say("models_when"): "",
        say("models_change_what"): "",
        say("models_by"): "",
        say("models_why"): "tp-version",
    }
    rows = [
        [
            escape(view.when(row.at)),
            escape(deed(row.action, say)),
            escape(by_whom(row.actor, say)),
            escape(details(row)),
        ]
        for row in changes
    ]
    return html_table(heads.items(), rows)


def _verdicts(view: View, verdicts: Sequence[VerdictRow]) -> str:
    say = view.say
    heads = {
        say("models_when"): "",
        say("models_verdict"): "",
        say("models_by"): "",
        say("reason"): "tp-version",
    }
    rows = [
        [
            escape(view.when(row.at)),
            decision_chip(row.label, say),
            escape(row.actor),
            escape(row.reason or ""),
        ]
        for row in verdicts
    ]
    return html_table(heads.items(), rows)
