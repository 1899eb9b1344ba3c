"""The tables. Every constraint has a name, every time is UTC, every share and score is 0 to 1."""

from technopro.registry.tables.audit import AuditEntry
from technopro.registry.tables.base import Base, UtcDateTime
from technopro.registry.tables.intake import Batch, BatchImage, Image, Quarantine, Run
from technopro.registry.tables.nights import (
    Alert,
    DefectRate,
    Delivery,
    DriftFigure,
    Prediction,
)
from technopro.registry.tables.verdicts import Verdict
from technopro.registry.tables.versions import (
    Deployment,
    ModelVersion,
    Pattern,
    PseudoLabel,
    Snapshot,
    SnapshotImage,
    Threshold,
)

__all__ = [
    "Alert",
    "AuditEntry",
    "Base",
    "Batch",
    "BatchImage",
    "DefectRate",
    "Delivery",
    "Deployment",
    "DriftFigure",
    "Image",
    "ModelVersion",
    "Pattern",
    "Prediction",
    "PseudoLabel",
    "Quarantine",
    "Run",
    "Snapshot",
    "SnapshotImage",
    "Threshold",
    "UtcDateTime",
    "Verdict",
]
