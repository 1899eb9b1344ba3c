"""A small drawn factory night, through the flows, into the registry, against its truth."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from flows.environment import prepare
from flows.server import end_when_asked, temporary_server
from technopro.console import console, print_night, progress_bars
from technopro.evaluation import auc_by_pattern, evaluate_files
from technopro.pipeline import open_plant, write_night
from technopro.settings import Profile, Settings
from technopro.synth import write_factory


def run(out: Path, images: int, defects: int, size: int, seed: int, profile: Profile) -> None:
    """Draw, ingest, retrain, score, show."""
    end_when_asked()
    settings = Settings()
    prepare(settings, PREFECT_LOGGING_LEVEL="WARNING")
    plant = open_plant(settings)
    drawn = out / "source"
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bars())
        write_factory(
            drawn,
            patterns=6,
            images_per_pattern=images,
            defects_per_pattern=defects,
            size=size,
            seed=seed,
            overwrite=True,
            progress=lambda done, total: progress("drawing a factory night", done, total),
        )
        if "PREFECT_API_URL" not in os.environ:
            progress("starting a Prefect server", 0, 1)
            logs = settings.home.absolute() / "logs"
            os.environ["PREFECT_API_URL"] = stack.enter_context(temporary_server(logs))
            stack.callback(os.environ.pop, "PREFECT_API_URL")
            progress("starting a Prefect server", 1, 1)
        from flows.progress import TERMINAL  # imports Prefect, which reads the address then

        TERMINAL.set(progress)
        run_id = _run_flows(str((drawn / "images").absolute()), seed, profile)
    summary = write_night(plant, run_id, out)
    evaluation = evaluate_files(out, drawn / "truth.csv")
    print_night(summary, auc_by_pattern(evaluation))
    console.print(
        f"pictures: {out / 'scores.png'}, {out / 'worst-*.png'}\n"
        "next: `technopro up` for the dashboard, or\n"
        "      `technopro inspect YOUR_FOLDER --out results` for your own images"
    )


def _run_flows(source: str, seed: int, profile: Profile) -> str:
    from flows.ingest import ingest
    from flows.retrain import retrain
    from flows.score import score
    from flows.steps import Effort

    effort = Effort(seed=seed, profile=profile)
    batch_id = ingest(source)
    retrain(batch_id, effort)
    return score(batch_id, effort)
