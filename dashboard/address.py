"""Choices kept in the address bar, so that a link shows a colleague the same page.

Streamlit's own `bind="query-params"` writes the label that is shown, which changes with the
language; here the value itself is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st


def start(key: str, options: Sequence[str], default: str) -> str:
    """Return the address's value of `key` if it is one of `options`, else `default`."""
    wanted = st.query_params.get(key, default)
    return wanted if wanted in options else default


def start_percent(key: str, default: int) -> int:
    """Return the address's value of `key` if it is a percentage, to the nearest ten."""
    wanted = st.query_params.get(key, "")
    if not (wanted.isascii() and wanted.isdigit()):
        return default
    return min(100, round(int(wanted[:4]) / 10) * 10)


def remember(key: str, default: object) -> None:
    """Write the widget's value into the address; the default is left out. For `on_change`."""
    value = st.session_state[key]
    if value == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = str(value)


def distinct(called: dict[str, str]) -> dict[str, str]:
    """Return names by key, with the key's start behind those that stand for several.

    A list of options goes by what it shows: of two shown alike, it would take either.
    """
    times = Counter(called.values())
    return {key: f"{name} · {key[:8]}" if times[name] > 1 else name for key, name in called.items()}
