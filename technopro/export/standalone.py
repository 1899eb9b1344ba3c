"""Judge pictures by the exported model in this folder; needs what requirements.txt names.

python judge.py PICTURE_OR_FOLDER ...
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from technopro.edge import Inspector
from technopro.errors import TechnoproError

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


def main(given: Sequence[str]) -> int:
    """Write image, score and decision as CSV; return 1 where a picture could not be judged."""
    if not given:
        print(__doc__, file=sys.stderr)
        return 2
    inspector, failed = Inspector(Path(__file__).parent), 0
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("image", "score", "decision"))
    for path in _pictures(map(Path, given)):
        try:
            judged = inspector.judge(path.read_bytes())
        except (TechnoproError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = 1
        else:
            table.writerow((path, f"{judged.score:.6f}", judged.decision.value))
    return failed


def _pictures(given: Iterable[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS)
        else:
            yield path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
