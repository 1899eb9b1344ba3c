"""The direction of imports, and where truth may be read."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "technopro").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return every absolute module name that a file imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def package(path: Path) -> str:
    parts = path.relative_to(ROOT / "technopro").parts
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_library_knows_nothing_of_prefect_streamlit_flows_or_dashboard(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"prefect", "streamlit", "flows", "dashboard"}


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: str(p.relative_to(ROOT)))
def test_truth_is_read_by_evaluation_alone(path: Path) -> None:
    if package(path) in ("evaluation", "cli"):
        return
    assert not any(name.startswith("technopro.evaluation") for name in imported(path))
    if package(path) != "synth":
        assert "truth.csv" not in path.read_text()


STAGES = [
    "store",
    "intake",
    "features",
    "patterns",
    "seeding",
    "pseudolabel",
    "decision",
    "learner",
]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_stage_knows_nothing_of_the_stage_after_it(path: Path) -> None:
    own = package(path)
    if own not in STAGES:
        return
    later = {
        "store": STAGES[1:],
        "intake": STAGES[2:],
        "features": STAGES[3:],
        "patterns": STAGES[4:],
        "seeding": STAGES[5:],
        "pseudolabel": STAGES[6:],
        "decision": ["learner"],
        "learner": [],
    }[own]
    forbidden = {f"technopro.{name}" for name in (*later, "registry", "report", "pipeline")}
    assert not [
        n for n in imported(path) if any(n == f or n.startswith(f + ".") for f in forbidden)
    ]


def test_the_walker_sees_imports_inside_functions(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden.py"
    hidden.write_text("def f():\n    import prefect.flows\n")
    assert "prefect.flows" in imported(hidden)
