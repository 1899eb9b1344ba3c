"""The champion of now, all versions, who reigned when, and the words of the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.charts import ABSTAINED, OK
from dashboard.drawing import Line, bar, part, rows, time_ticks
from dashboard.frame import View
from dashboard.models import Checked, History, Word, by_whom, name_of
from dashboard.patterns import chip
from dashboard.tables import html_table
from dashboard.tonight import WEAK
from dashboard.translations import Language
from dashboard.words import CATALOGUE
from technopro.registry import DeploymentRow, PatternRow
from technopro.registry.made import Made

VERSIONS, REIGNS, GATES = 30, 12, 20  # shown, the newest
RUNTIMES = {"openvino": "OpenVINO", "onnx": "ONNX"}
SHARES = ("low", "high", "before_low", "before_high")  # figures of checks …
COUNTS, TINY = ("worst", "verdicts"), ("gap",)
SMALL = ("luck", "most", "spread")  # … and how they are written


def champions(
    view: View, known: Mapping[str, PatternRow], reigns: Mapping[str, DeploymentRow]
) -> None:
    """Show who judges which pattern now, since when, by whose will and why."""
    say = view.say
    st.subheader(say("champions_title"), anchor=False)
    if not reigns:
        st.write(say("champions_none"))
        return
    heads = {say("pattern"): "", say("version"): "", say("patterns_since"): "",
             say("models_by"): "", say("models_why"): "tp-version"}  # fmt: skip
    rows = [
        [
            f"<b>{escape(name_of(known[name]))}</b>",
            escape(reign.version),
            escape(view.when(reign.since)),
            escape(by_whom(reign.actor, say)),
            escape(why(reign, say)),
        ]
        for name, reign in reigns.items()
    ]
    st.html(html_table(heads.items(), rows))


def told(view: View, found: History) -> None:
    """Show the history of one pattern from top to bottom."""
    say = view.say
    _champion(view, found)
    st.subheader(say("models_versions_title"), anchor=False)
    if not found.versions:
        st.write(say("models_versions_none"))
        return
    if len(found.versions) > VERSIONS:
        st.caption(say("versions_newest", n=say.number(VERSIONS)))
    st.html(versions_table(view, found))
    st.subheader(say("reigns_title"), anchor=False)
    if not found.reigns:
        st.write(say("reigns_none"))
    else:
        zone = ZoneInfo(view.plant.settings.timezone)
        st.html(timeline(found.reigns[:REIGNS], datetime.now(UTC), zone, say))
        st.html(_reigns_table(view, found.reigns[:VERSIONS]))
    st.subheader(say("gate_title"), anchor=False)
    st.caption(say("gate_caption"))
    gates = [word for word in found.said if word.by_gate][:GATES]
    if gates:
        st.html(_gates_table(view, gates))
    else:
        st.write(say("gate_none"))


def why(reign: DeploymentRow, say: Language) -> str:
    """Return a person's or an alarm's reason, or how many checks of the gate a model passed."""
    checks = reign.reason.split("; ")
    if not reign.actor.startswith("run ") or len(checks) == 1:
        return reign.reason
    return say.count("models_passed", len(checks))


def versions_table(view: View, found: History) -> str:
    """Return every version with what it was made of, as HTML."""
    say = view.say
    heads = {say("models_model"): "", say("pattern_status"): "", say("models_made_at"): "",
             say("fact_images"): "tp-n", say("models_auc"): "tp-n",
             say("models_made_of"): "tp-version"}  # fmt: skip
    names = {one.id: one.version for one in found.versions}
    return html_table(
        heads.items(), [_version(view, found, one, names) for one in found.versions[:VERSIONS]]
    )


def timeline(reigns: Sequence[DeploymentRow], now: datetime, zone: ZoneInfo, say: Language) -> str:
    """Return a row for each version with a bar for each of its reigns; the present one is blue."""
    first, last = min(reign.since for reign in reigns).astimezone(zone), now.astimezone(zone)
    marks: dict[str, str] = {}
    for reign in reigns:
        left, right = (part(at, first, last) for at in (reign.since, reign.until or now))
        until = say.when(reign.until.astimezone(zone)) if reign.until else say("models_still")
        title = f"{reign.version}: {say.when(reign.since.astimezone(zone))} – {until}"
        colour = ABSTAINED if reign.until else OK
        marks[reign.version] = marks.get(reign.version, "") + bar(left, right, colour, title)
    lines = [Line(version, bars) for version, bars in marks.items()]
    return rows(lines, say("reigns_title"), time_ticks(first, last))


def _champion(view: View, found: History) -> None:
    say, reign = view.say, found.reign
    if reign is None:
        st.info(say("models_no_reign"))
        return
    since = say("champion_since", when=view.when(reign.since), who=by_whom(reign.actor, say))
    st.html(
        f'<p class="tp-calm">{escape(say("champion_now"))} <b>{escape(reign.version)}</b><br>'
        f"{escape(since)}</p>"
    )
    metrics = next((o.metrics for o in found.versions if o.version == reign.version), {})
    auc = metrics.get("auc_estimate")
    if isinstance(auc, float) and auc < WEAK:
        st.warning(say("models_weak", auc=f"{auc:.2f}"))
    if "export" in metrics:
        st.caption(certificate(metrics["export"], say))


def certificate(exported: Mapping[str, Any], say: Language) -> str:
    """Return in words what the certificate of a model's export says."""
    return say(
        "models_exported",
        runtime=RUNTIMES[exported.get("runtime", "openvino")],
        precision=exported["precision"],
        images=say.number(exported["images"]),
        largest=f"{exported['largest']:.1e}",
        apart=say.number(exported["apart"]),
        recorded=say.number(exported["recorded"]),
    )


def _version(view: View, found: History, one: Made, names: Mapping[int, str]) -> list[str]:
    say, status = view.say, found.status(one)
    gone = f" {escape(say('models_weights_gone'))}" if one.id in found.pruned else ""
    auc = one.metrics.get("auc_estimate")
    before = say("models_before_none")
    if one.parent_id is not None:
        before = say("models_before", parent=names.get(one.parent_id, "–"))
    made_of = say(
        "models_made_of_what", profile=_fact(one.profile), seed=_fact(one.seed),
        backbone=f"{one.backbone_name} {one.backbone_sha256[:12]}",
        before=before, run=one.run_id[:8],
    )  # fmt: skip
    if one.reason is not None:
        why = say(f"models_because_{one.reason}")
        made_of = say("models_made_of_why", why=why, what=made_of)
    return [
        escape(one.version),
        chip(status, say(f"model_{status}")) + gone,
        escape(view.when(one.created_at)),
        escape(_fact(one.images)),
        f'<span class="tp-big">{auc:.3f}</span>' if isinstance(auc, float) else "–",
        escape(made_of),
    ]


def _fact(value: object) -> str:
    return "–" if value is None else str(value)


def _reigns_table(view: View, reigns: Sequence[DeploymentRow]) -> str:
    say = view.say
    heads = {say("models_model"): "", say("patterns_since"): "", say("models_until"): "",
             say("models_by"): "", say("models_why"): "tp-version"}  # fmt: skip
    rows = [
        [
            escape(reign.version),
            escape(view.when(reign.since)),
            escape(view.when(reign.until) if reign.until else say("models_still")),
            escape(by_whom(reign.actor, say)),
            escape(why(reign, say)),
        ]
        for reign in reigns
    ]
    return html_table(heads.items(), rows)


def _gates_table(view: View, found: Sequence[Word]) -> str:
    say = view.say
    heads = {say("models_when"): "", say("models_model"): "", say("gate_result"): "",
             say("gate_checks"): "tp-version"}  # fmt: skip
    return html_table(heads.items(), [_gate(view, gate) for gate in found])


def _gate(view: View, gate: Word) -> list[str]:
    kind = "refused" if gate.refused else "champion"
    return [
        escape(view.when(gate.at)),
        escape(gate.version),
        chip(kind, view.say("gate_no" if gate.refused else "gate_yes")),
        "<br>".join(told_check(check, view.say) for check in gate.checks),
    ]


def told_check(check: Checked, say: Language) -> str:
    """Return one check of the gate with its mark, as HTML; what spoke against a model is bold."""
    key, mark = f"check_{check.key}", {True: "✓ ", False: "✕ ", None: ""}[check.passed]
    told = say(key, **spelled(check.figures, say)) if key in CATALOGUE else check.words
    line = escape(f"{mark}{told}")
    return f"<b>{line}</b>" if check.passed is False else line


def spelled(figures: Mapping[str, float], say: Language) -> dict[str, str]:
    """Return the figures of a check as text: shares in percent, differences by their size."""
    forms: dict[str, Callable[[float], str]] = {
        **dict.fromkeys(SHARES, say.percent),
        **dict.fromkeys(COUNTS, lambda n: say.number(round(n))),
        **dict.fromkeys(SMALL, "{:.2g}".format),
        **dict.fromkeys(TINY, lambda gap: f"{gap:.1e}" if gap else "0"),
    }
    return {name: forms.get(name, "{:.3f}".format)(value) for name, value in figures.items()}
