"""What the command line shows: progress bars and tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from technopro import plant

LOG_WIDTH = 150  # characters of a line where there is no terminal to measure


def _width() -> int | None:
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else LOG_WIDTH


console = Console(highlight=False, soft_wrap=True, width=_width())


@contextmanager
def progress_bars() -> Iterator[plant.Progress]:
    """Yield a progress callback: one bar a stage, or plain lines where there is no terminal."""
    if not console.is_terminal:
        yield _Lines()
        return
    columns = TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


class _Lines:
    """One line when a stage begins."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._last:
            console.print(f"  {stage} ({total})")
            self._last = stage


def print_night(summary: Mapping[str, Any], auc: Mapping[str, float] | None = None) -> None:
    """Print a night's summary; `auc` adds a column with the measured ROC-AUC a pattern."""
    from technopro.results import Estimate

    table = Table(title=f"{summary['images']} images, {summary['quarantined']} in quarantine")
    table.add_column("pattern")
    for column in ("images", "estimated defect share", "flagged", "own AUC estimate"):
        table.add_column(column, justify="right")
    if auc is not None:
        table.add_column("ROC-AUC against truth", justify="right")
    for row in summary["patterns"]:
        quality = row["quality"]
        cells = [
            row["pattern"] if row["separable"] else f"{row['pattern']} (cannot be separated)",
            str(row["images"]),
            Estimate(**row["defect_share"]).as_share(row["separable"]),
            str(row["flagged"]),
            f"{quality['auc']:.3f} ({quality['low']:.3f} to {quality['high']:.3f})",
        ]
        if auc is not None:
            cells.append(f"{auc[row['pattern']]:.3f}" if row["pattern"] in auc else "–")
        table.add_row(*cells)
    console.print(table)
    if summary["camera_faults"]:
        faults = ", ".join(f"{n} {kind}" for kind, n in summary["camera_faults"].items())
        console.print(f"camera faults and copies: {faults} (faults.csv)")
    total = summary["seconds"]["total"]
    console.print(f"{total:.0f} s, at most {summary['peak_rss_mb']:.0f} MB")
