"""Splitting a pattern in two, by the look of its images in the newest batch with enough of them."""

from __future__ import annotations

from technopro import registry
from technopro.bench import open_bench
from technopro.errors import InputError
from technopro.identities import tonight
from technopro.patterns.discover import FEWEST
from technopro.patterns.recognise import halves
from technopro.plant import Options, Plant, Progress


def split_pattern(
    plant: Plant, name: str, options: Options, *, actor: str, reason: str, progress: Progress
) -> dict[str, int]:
    """Split a pattern from the next retrain on; returns the images of each part by new name.

    Raises InputError where no batch has enough images of it.
    """
    with registry.unit_of_work(plant.engine) as session:
        enough = registry.batch_holding(session, name, 2 * FEWEST)
        batch_id = enough or registry.latest_batch(session)
        taken = registry.patterns(session).keys()
    if batch_id is None:
        raise InputError("no batch has been ingested yet; run the ingest first")
    bench = open_bench(plant, batch_id, options, progress)
    found = {one.name: one.members.tolist() for one in tonight(bench, True)}
    members = found.get(name, [])
    if len(members) < 2 * FEWEST:
        raise InputError(
            f"expected at least {2 * FEWEST} images of pattern {name} in one batch, found "
            f"{len(members)} in batch {batch_id}; split it after a batch that holds more"
        )
    hashes = [bench.hashes[i] for i in members]
    parts = halves(bench.survey.embeddings[members], hashes, options.seed, taken)
    with registry.unit_of_work(plant.engine) as session:
        centres = {part.name: part.centres[part.name].tolist() for part in parts}
        registry.split(
            session, name, centres, batch_id=batch_id, actor=actor, reason=reason,
            backbone=bench.extractor.backbone.sha256,
        )  # fmt: skip
        session.commit()
    return {part.name: len(part.members) for part in parts}
