"""The patterns of a batch by their lasting names."""

from __future__ import annotations

from technopro import registry
from technopro.bench import Bench, shapes_of
from technopro.patterns.discover import discover
from technopro.patterns.recognise import NOTHING, Identity, Known, identify


def tonight(bench: Bench, known: bool) -> list[Identity]:
    """Return the patterns of the batch, by their lasting names where `known` ones count."""
    embeddings = bench.survey.embeddings
    discovery = discover(embeddings, shapes_of(bench.records), bench.options.seed)
    return identify(discovery, embeddings, bench.hashes, _known(bench, known))


def _known(bench: Bench, wanted: bool) -> Known:
    """All that is known but patterns that were split, whose parts are known instead."""
    if not wanted:
        return NOTHING
    with registry.unit_of_work(bench.plant.engine) as session:
        rows = registry.patterns(session)
    seen = {name: bench.centre(row) for name, row in rows.items() if row.status != "split"}
    centres = {name: centre for name, centre in seen.items() if centre is not None}
    joined = {n: registry.living_name(rows, n) for n, r in rows.items() if r.status == "merged"}
    split = [n for n, r in rows.items() if r.status == "split"]
    parts = [
        [n for n, r in rows.items() if r.parent == name and r.living and n in centres]
        for name in split
    ]
    return Known(centres, joined, parts, rows.keys())
