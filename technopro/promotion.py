"""Champion and challenger on the same images; the gate decides, and the registry keeps why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from technopro import registry
from technopro.alerting import REFUSED, close_refusal, tell_change_of_champion
from technopro.bench import Bench
from technopro.decision.calibration import night_share
from technopro.decision.gate import Check, Opinion, compare, passed, standing
from technopro.errors import ObjectMissing, WeightsError
from technopro.fold import fold_of
from technopro.learner.seen import restore_seen
from technopro.plant import Progress
from technopro.pseudolabel.flight import Followed, restore_flight
from technopro.registry import ModelRow
from technopro.retrain import Trained
from technopro.score import ask
from technopro.stored import load_model

ASKED = 200  # images that both are asked about …
AGAIN = 32  # … and on which what a model kept is computed again from its stored weights


def promote_trained(
    bench: Bench,
    trained: Sequence[Trained],
    told: Mapping[str, float],
    actor: str,
    progress: Progress,
) -> None:
    """Let each new model become champion, or refuse it; both are recorded with their reasons.

    The first model of a pattern needs only to say something. `told` are verdicts by SHA-256.
    """
    for number, one in enumerate(trained, 1):
        with registry.unit_of_work(bench.plant.engine) as session:
            champions = registry.champions(session)
            champion = champions.get(one.pattern)
            challenger = registry.model_by_id(session, one.model_id)
        if challenger.status != "candidate":
            continue  # settled by a run that died
        what = f"comparing with champion {number} of {len(trained)}"
        judged = _judged(one, champions)
        checks = _checks(bench, champion, challenger, judged, told, progress, what)
        reason = "; ".join(check.words for check in checks)
        kept = [check.recorded() for check in checks]
        with registry.unit_of_work(bench.plant.engine) as session:
            if passed(checks):
                registry.promote(session, one.model_id, actor=actor, reason=reason, checks=kept)
                registry.settle(session, list(one.parts), actor=actor)
                close_refusal(session, one.pattern, actor)
            else:
                against = [check for check in checks if not check.passed]
                registry.refuse(session, one.model_id, actor=actor, reason=reason, checks=kept)
                why = "; ".join(check.words for check in against)
                tell_change_of_champion(session, one.pattern, REFUSED, why)
            session.commit()


def _judged(one: Trained, champions: Mapping[str, ModelRow]) -> list[str]:
    """Return the images that both know: what is merged anew was judged by a champion of its own."""
    foreign = champions.keys() - {one.pattern}
    own = [h for name, hashes in one.parts.items() if name not in foreign for h in hashes]
    return own or [h for hashes in one.parts.values() for h in hashes]


def _checks(
    bench: Bench,
    champion: ModelRow | None,
    challenger: ModelRow,
    hashes: Sequence[str],
    told: Mapping[str, float],
    progress: Progress,
    what: str,
) -> Sequence[Check]:
    rng = np.random.default_rng([bench.options.seed, 4])
    some = sorted(rng.permutation(np.array(hashes))[:ASKED].tolist())
    try:
        new = opinion(bench, challenger, some, progress, what)
        new = replace(new, followed=_followed(bench, challenger))
        fresh = _computed(bench, challenger, some[:AGAIN], progress, what)
    except (WeightsError, ObjectMissing) as error:
        return [Check("weights", False, str(error))]
    alone = standing(new, fresh)
    if champion is None:
        return [*alone, Check("champion", True, "the first model of its pattern", "first")]
    try:
        old = opinion(bench, champion, some, progress, what)
    except (WeightsError, ObjectMissing) as error:
        return [*alone, Check("champion", True, f"cannot be asked: {error}", "silent")]
    verdicts = np.array([told.get(sha256, np.nan) for sha256 in some])
    return [*alone, *compare(old, new, verdicts)] if passed(alone) else alone


def opinion(
    bench: Bench, row: ModelRow, hashes: Sequence[str], progress: Progress, what: str
) -> Opinion:
    """Return what a stored model makes of some images of its pattern.

    Raises WeightsError where it is damaged, or of another backbone; ObjectMissing where it is gone.
    """
    fitted, evidence = ask(bench, row, hashes, progress, what)
    calibration = fitted.calibration
    share = night_share(evidence, np.array(calibration.usual), bench.options.seed)
    return Opinion(calibration(evidence), share, calibration.quality, calibration.separable)


def _followed(bench: Bench, row: ModelRow) -> Followed | None:
    """Return how far a model learned what it was taught; None where its Swins have no say."""
    tensors = load_model(bench.plant.store, row).tensors
    flight = restore_flight(tensors)
    if flight is None or not row.recipe["blend"]["weights"].get("swin", 0) > 0:
        return None
    return flight.followed(np.array([fold_of(sha256) for sha256 in restore_seen(tensors)]))


def _computed(
    bench: Bench, row: ModelRow, hashes: Sequence[str], progress: Progress, what: str
) -> np.ndarray:
    """Return scores from the stored weights, whatever the model kept."""
    fitted, evidence = ask(bench, row, hashes, progress, what, kept=False)
    return fitted.calibration(evidence)
