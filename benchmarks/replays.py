"""Are recorded scores computed again from what is stored? Fifty decisions over all versions.

python benchmarks/replays.py --home out/home --count 50
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import select

from technopro import registry
from technopro.plant import Plant, open_plant
from technopro.registry import Judgement
from technopro.registry.tables import Prediction
from technopro.replay import Replayer
from technopro.settings import Settings

app = typer.Typer()


@app.command()
def run(
    home: Annotated[Path, typer.Option(help="TECHNOPRO_HOME of a plant with some nights.")],
    count: Annotated[int, typer.Option(help="How many decisions.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed asks for the same decisions.")] = 0,
) -> None:
    """Replay decisions, as evenly over the model versions as there are."""
    plant = open_plant(Settings(home=home, _env_file=None))
    replayer, differences, versions = Replayer(plant), [], set()
    for sha256, run_id in _chosen(plant, count, seed):
        judged = _judgement(plant, sha256, run_id)
        differences.append(replayer.replay(judged).difference)
        versions.add((judged.pattern, judged.version))
    equal = sum(difference <= 1e-6 for difference in differences)
    typer.echo(
        f"{equal} of {len(differences)} equal to one in a million, {len(versions)} versions, "
        f"largest difference {max(differences):.1e}"
    )


def _chosen(plant: Plant, count: int, seed: int) -> list[tuple[str, str]]:
    """Return SHA-256s and runs: one decision of each version in turn, at random."""
    with registry.unit_of_work(plant.engine) as session:
        rows = session.execute(
            select(Prediction.model_id, Prediction.sha256, Prediction.run_id)
            .where(Prediction.fault.is_(None))
            .order_by(Prediction.run_id, Prediction.sha256)
        ).all()
    rng = np.random.default_rng(seed)
    by_model: dict[int, list[tuple[str, str]]] = {}
    for index in rng.permutation(len(rows)):
        model, sha256, run_id = rows[index]
        by_model.setdefault(model, []).append((sha256, run_id))
    turns = [own[turn] for turn in range(count) for own in by_model.values() if turn < len(own)]
    return turns[:count]


def _judgement(plant: Plant, sha256: str, run_id: str) -> Judgement:
    with registry.unit_of_work(plant.engine) as session:
        return next(j for j in registry.judgements(session, sha256) if j.run_id == run_id)


if __name__ == "__main__":
    app()
