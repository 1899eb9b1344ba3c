import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

VERBS = (
    "synth",
    "inspect",
    "evaluate",
    "demo",
    "doctor",
    "up",
    "audit",
    "replay",
    "rollback",
    "threshold",
    "maintain",
    "verdict",
    "rates",
    "export",
    "report",
    "alerts",
)


def technopro(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from technopro.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str) -> None:
    shown = technopro(verb, "--help")
    assert shown.returncode == 0
    assert f"technopro {verb}" in shown.stdout.replace("Usage: ", "").split("Example", 1)[1]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, technopro.cli, flows.commands; "
        "print([m for m in ('torch','prefect','pandas','streamlit','boto3') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_registry_loads_nothing_heavy() -> None:
    """Whoever reads it for a page waits for every import, and for the collector on top."""
    code = (
        "import sys, technopro.registry; "
        "print([m for m in ('torch','sklearn','scipy','pandas','pyarrow') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_night_without_anything_new_waits_for_nothing_heavy(tmp_path: Path) -> None:
    """What `nightly` does until it sees that nothing has arrived or changed."""
    (tmp_path / "line").mkdir()
    Image.new("RGB", (32, 32), "grey").save(tmp_path / "line/1.png")
    code = (
        "import sys, flows.nightly; from pathlib import Path; from technopro import pipeline; "
        "from technopro.settings import Settings; here = Path(sys.argv[1]); "
        "plant = pipeline.open_plant(Settings(home=here / 'home', _env_file=None)); "
        "batch = [pipeline.ingest(plant, str(here / 'line')) for _ in range(2)][1]; "
        "assert pipeline.waiting(plant, batch) == []; "
        "assert pipeline.still_holds(plant, batch) is None; "
        "print([m for m in ('torch','timm','sklearn','scipy','pandas') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_a_missing_folder_exits_2_with_one_line(tmp_path: Path) -> None:
    shown = technopro("inspect", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"))
    assert shown.returncode == 2
    assert shown.stderr.startswith("error: ")
    assert len(shown.stderr.strip().splitlines()) == 1
    assert "nowhere" in shown.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["inspect", ".", "--out", "x", "--device", "tpu"], "auto, cpu, cuda"),
        (["inspect", ".", "--out", "x", "--profile", "best"], "quick, standard"),
        (["synth", "x", "--size", "big"], "512 or 256x4096"),
        (["audit", "x", "--date", "yesterday"], "2026-11-24"),
        (["rates", "--since", "yesterday"], "--since: expected such as 2026-11-24"),
        (["rates", "--by", "hour"], "pattern, line, batch, day"),
        (["export", "rates", "--out", "x.xlsx"], ".csv or .parquet"),
        (["report", "--out", "x.pdf"], ".html"),
        (["evaluate", "nowhere", "--truth", "t.csv"], "technopro inspect"),
    ],
)
def test_bad_options_say_what_was_expected(words: list[str], told: str) -> None:
    shown = technopro(*words)
    assert shown.returncode == 2
    assert told in shown.stderr
    assert "Traceback" not in shown.stderr


def test_version() -> None:
    from technopro import __version__

    assert technopro("--version").stdout.strip() == __version__


def test_the_database_verbs_work_on_an_empty_plant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    copy = str(tmp_path / "copy")
    for words, told in [
        (["db", "current"], "no schema yet"),
        (["db", "upgrade"], "revision"),
        (["db", "current"], "the newest"),
        (["db", "prune", "--keep-nights", "1", "--keep-days", "1"], "nothing was changed"),
        (["db", "prune", "--keep-nights", "1", "--keep-days", "1", "--yes"], "let go 0 heat maps"),
        (["maintain"], "nothing needs a person"),
        (["db", "check"], "sound"),
        (["db", "backup", copy], "MB"),
        (["db", "restore", copy, "--yes"], "restored"),
    ]:
        shown = technopro(*words)
        assert (shown.returncode, told in shown.stdout) == (0, True), shown.stderr
    shown = technopro("audit", "nowhere.png")
    assert (shown.returncode, "expected an image" in shown.stderr) == (1, True)


def test_the_revision_is_told_without_changing_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path))
    assert "no schema yet" in technopro("db", "current").stdout
    assert list(tmp_path.iterdir()) == []
    for revision, told in [("0002", "the newest is"), ("ffff", "of a newer technopro")]:
        with closing(sqlite3.connect(tmp_path / "technopro.db")) as database:
            database.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
            database.execute("DELETE FROM alembic_version")
            database.execute("INSERT INTO alembic_version VALUES (?)", [revision])
            database.commit()
        assert told in technopro("db", "current").stdout
        with closing(sqlite3.connect(tmp_path / "technopro.db")) as database:
            assert (
                database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
                == revision
            )


def test_maintain_exits_1_where_a_person_must_act(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects that no run of this database wrote, such as those of a wrong database."""
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path))
    stray = tmp_path / "objects" / "images" / "ab" / ("ab" + 62 * "0")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    shown = technopro("maintain", "--delete")
    assert shown.returncode == 1, shown.stderr
    assert "UNEXPLAINED images/ab/" in shown.stdout
    assert stray.exists()
