"""Choices that several pages offer; each stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streamlit.delta_generator import DeltaGenerator

from dashboard.address import remember, start, start_percent
from dashboard.translations import Language

ALL = ""  # patterns
OPACITY = 50  # percent


def choose_pattern(
    where: DeltaGenerator,
    patterns: Sequence[str],
    called: Mapping[str, str],
    say: Language,
    then: Callable[[], None] | None = None,
) -> str | None:
    """Offer all patterns or one of them; `then` is done on a change. Returns None for all."""
    options = [ALL, *patterns]

    def changed() -> None:
        remember("pattern", ALL)
        if then is not None:
            then()

    chosen = where.selectbox(
        say("pattern"), options, options.index(start("pattern", options, ALL)), key="pattern",
        format_func=lambda name: called.get(name, name) if name else say("all_patterns"),
        on_change=changed,
    )  # fmt: skip
    return str(chosen or "") or None


def heat_strength(switch: DeltaGenerator, slider: DeltaGenerator, say: Language) -> float:
    """Offer the heat map, and how strongly it is laid over (0 to 1); 0 where it is off."""
    on = switch.toggle(
        say("heat"), start("heat", ("True", "False"), "True") == "True", key="heat",
        on_change=remember, args=("heat", True),
    )  # fmt: skip
    percent = slider.slider(
        say("heat_opacity"), 0, 100, start_percent("opacity", OPACITY), 10, format="%d %%",
        key="opacity", disabled=not on, on_change=remember, args=("opacity", OPACITY),
    )  # fmt: skip
    return percent / 100 if on else 0.0
