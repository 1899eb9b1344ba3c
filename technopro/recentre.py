"""Another backbone sees other things: where known patterns lie for it is found from old images."""

from __future__ import annotations

import numpy as np

from technopro import registry
from technopro.errors import ImageRejected, ObjectMissing
from technopro.plant import Plant, Progress
from technopro.registry.centres import lost_centres, move_centre
from technopro.sight import Sight
from technopro.survey import look_at

SHOWN = 64  # images that show where a pattern lies


def find_centres_again(plant: Plant, sight: Sight, progress: Progress) -> None:
    """Look with the present backbone at images of patterns whose centre another one found."""
    backbone = sight.extractor.backbone.sha256
    with registry.unit_of_work(plant.engine) as session:
        lost = lost_centres(session, backbone, SHOWN)
    for number, (name, hashes) in enumerate(lost.items(), 1):
        seen = [sha256 for sha256 in hashes if _is_there(sight, sha256)]
        if seen:
            looks = look_at(seen, sight.load, sight.extractor, lambda _done, _total: None)
            centre = np.median(looks.embeddings, axis=0)
            with registry.unit_of_work(plant.engine) as session:
                move_centre(session, name, centre.tolist(), backbone)
                session.commit()
        progress("finding known patterns with another backbone", number, len(lost))


def _is_there(sight: Sight, sha256: str) -> bool:
    try:
        sight.load(sha256)
    except (ObjectMissing, ImageRejected):
        return False
    return True
