"""Checks of what is given on the command line, before anything heavy is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from technopro.errors import InputError

if TYPE_CHECKING:
    from technopro.plant import Plant


def check_source(plant: Plant, images: str) -> None:
    """Raise InputError unless the folder or bucket is there."""
    from technopro.store import open_store

    open_store(images, plant.settings.s3_endpoint_url, must_exist=True)


def one_of(text: str, option: str, kind: Any) -> Any:  # noqa: ANN401
    """Return the text if the Literal `kind` allows it."""
    if text not in get_args(kind):
        raise InputError(f"{option}: expected {', '.join(get_args(kind))}, found {text!r}")
    return text
