"""What judges a night does without what only learning needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import technopro

HEAVY = ("torch._dynamo", "sklearn")


def _told(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_judging_imports_neither_compiler_nor_scikit_learn() -> None:
    code = (
        "import sys, technopro.score, technopro.drifting, technopro.watch;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    assert _told(code) == "[]"


def test_the_compiler_itself_is_there_for_whoever_asks_afterwards() -> None:
    code = (
        "import torch, technopro.features.light;"
        "doubled = torch.compile(lambda x: 2 * x, backend='eager');"
        "print(int(doubled(torch.ones(()))), torch._dynamo.is_compiling())"
    )

    assert _told(code) == "2 False"


def test_a_compiler_that_is_there_already_is_left_alone() -> None:
    code = (
        "import torch._dynamo as before, technopro.features.light, torch._dynamo as after;"
        "print(before is after, hasattr(after, 'optimize'))"
    )

    assert _told(code) == "True True"


def test_timm_is_imported_in_one_place() -> None:
    package = Path(technopro.__file__).parent
    found = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) (timm|torchvision)\b", path.read_text(), re.MULTILINE)
    ]

    assert found == ["features/light.py"]
