"""Tables as HTML, all in one look; wider than the page, they scroll by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

ROOM = "9.5rem"  # that a cell of small print has at least, on a tablet too
Head = tuple[str, str]  # a text, and the CSS class of its column


def html_table(heads: Iterable[Head], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; heads are texts, cells are HTML already."""
    columns = list(heads)
    head = "".join(f'<th class="{css}">{escape(text)}</th>' for text, css in columns)
    body = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in rows)
    return (
        f'<div class="tp-scroll"><table class="tp-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: Sequence[str], columns: Sequence[Head]) -> str:
    """Return a row's cells; one whose words may break anywhere keeps room for some of them."""
    cells = zip(row, (css for _, css in columns), strict=True)
    return "".join(
        f'<td class="{css}"><div style="min-width:{ROOM}">{html}</div></td>'
        if css == "tp-version"
        else f'<td class="{css}">{html}</td>'
        for html, css in cells
    )
