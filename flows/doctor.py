"""Is everything there that a night needs? Each finding says fine, or what to do."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from flows.environment import prepare
from technopro.errors import TechnoproError
from technopro.settings import Settings

NEEDED = {"prefect": ("3.8.8", "3.9"), "sqlalchemy": ("2.0.45", "2.1"), "fastapi": ("0", "0.151")}
FREE_GB = 5


@dataclass(frozen=True)
class Finding:
    """One line of the examination."""

    what: str
    fine: bool
    detail: str
    essential: bool = True


def examine() -> list[Finding]:
    """Return the findings, in the order a night needs the parts."""
    settings = Settings()
    prepare(settings)
    checks: dict[str, Callable[[Settings], Finding]] = {
        "environment": _environment,
        "weights": _weights,
        "database": _database,
        "object store": _object_store,
        "source": _source,
        "prefect": _prefect,
        "gpu": _gpu,
        "disk": _disk,
    }
    return [_careful(name, check, settings) for name, check in checks.items()]


def _careful(name: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except TechnoproError as error:
        return Finding(name, False, str(error))


def _environment(_: Settings) -> Finding:
    found = {name: version(name) for name in NEEDED}
    wrong = [
        f"{name} {found[name]} (expected {low} to before {high})"
        for name, (low, high) in NEEDED.items()
        if not _number(low) <= _number(found[name]) < _number(high)
    ]
    if wrong:
        return Finding("environment", False, f"{', '.join(wrong)}; run: make run")
    shown = ", ".join(f"{n} {v}" for n, v in found.items())
    return Finding("environment", True, f"Python {platform.python_version()}, {shown}")


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _weights(settings: Settings) -> Finding:
    from technopro.features.weights import load_backbone

    _, backbone = load_backbone(
        settings.backbone, settings.backbone_weights, endpoint_url=settings.s3_endpoint_url
    )
    return Finding(
        "weights", True, f"{backbone.name} from {backbone.source}, {backbone.sha256[:12]}…"
    )


def _database(settings: Settings) -> Finding:
    from technopro.registry import open_database

    engine = open_database(settings.resolved_database_url())
    shown = engine.url.render_as_string(hide_password=True)
    engine.dispose()
    return Finding("database", True, f"{shown}, at the newest schema")


def _object_store(settings: Settings) -> Finding:
    from technopro.store import open_store

    store = open_store(settings.resolved_object_store(), settings.s3_endpoint_url)
    key, data = f"probe/{secrets.token_hex(8)}", b"probe"
    store.put(key, data)
    same = store.get(key) == data
    store.delete(key)
    detail = "written, read and deleted a probe" if same else "the probe came back changed"
    return Finding("object store", same, f"{store.url}: {detail}")


def _source(settings: Settings) -> Finding:
    from technopro.store import open_store

    if settings.source is None:
        hint = "not set; set TECHNOPRO_SOURCE for the nightly run"
        return Finding("source", False, hint, essential=False)
    open_store(settings.source, settings.s3_endpoint_url, must_exist=True)
    return Finding("source", True, settings.source)


def _prefect(_: Settings) -> Finding:
    api = os.environ.get("PREFECT_API_URL")
    if api is None:
        return Finding("prefect", True, "no server configured; `technopro up` starts one")
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=5):  # noqa: S310
            return Finding("prefect", True, api)
    except (urllib.error.URLError, OSError) as error:
        return Finding("prefect", False, f"no answer from {api} ({error}); start the server")


def _gpu(settings: Settings) -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("gpu", True, torch.cuda.get_device_name())
    wanted = settings.device == "cuda"
    return Finding("gpu", not wanted, f"none; nights run on {os.cpu_count()} CPU cores")


def _disk(settings: Settings) -> Finding:
    settings.home.mkdir(parents=True, exist_ok=True)
    free_gb = shutil.disk_usage(settings.home).free / 1e9
    hint = "" if free_gb >= FREE_GB else f"; free at least {FREE_GB} GB"
    return Finding("disk", free_gb >= FREE_GB, f"{free_gb:.0f} GB free at {settings.home}{hint}")
