"""nights: lines, capture times, distances, verdicts, drift, alerts, pseudo-labels, signs of life

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from technopro.registry.tables.base import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD_KINDS = "kind IN ('ingest', 'retrain', 'score')"
KINDS = "kind IN ('ingest', 'retrain', 'score', 'maintain')"


def upgrade() -> None:
    op.add_column("batches", sa.Column("line", sa.String(length=100), nullable=True))
    op.create_index(op.f("ix_batches_line"), "batches", ["line"])
    op.add_column("images", sa.Column("captured_at", UtcDateTime(), nullable=True))
    op.add_column("predictions", sa.Column("distance", sa.Float(), nullable=True))
    op.create_index("ix_predictions_run_id_score", "predictions", ["run_id", "score"])
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("environment", sa.JSON(), nullable=True))
        table.add_column(sa.Column("alive_at", UtcDateTime(), nullable=True))
        table.drop_constraint(op.f("ck_runs_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_runs_kind_known"), KINDS)
    _verdicts()
    _drift_figures()
    _alerts()
    _pseudo_labels()


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "label IN ('ok', 'defect', 'withdrawn')", name=op.f("ck_verdicts_label_known")
        ),
        sa.CheckConstraint(
            "lane IN ('audit', 'review', 'unstable', 'other')", name=op.f("ck_verdicts_lane_known")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_verdicts_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["sha256"], ["images.sha256"], name=op.f("fk_verdicts_sha256_images")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_at"), "verdicts", ["at"])
    op.create_index(op.f("ix_verdicts_sha256"), "verdicts", ["sha256"])
    op.create_index("ix_verdicts_run_id_lane", "verdicts", ["run_id", "lane"])


def _drift_figures() -> None:
    op.create_table(
        "drift_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=True),
        sa.Column("statistic", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("p_value", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint(
            "p_value >= 0 AND p_value <= 1", name=op.f("ck_drift_figures_p_value_share")
        ),
        sa.CheckConstraint(
            "kind IN ('mix', 'scores', 'embedding', 'novelty')",
            name=op.f("ck_drift_figures_kind_known"),
        ),
        sa.CheckConstraint(
            "level IN ('steady', 'watch', 'drifted')", name=op.f("ck_drift_figures_level_known")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_drift_figures_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_drift_figures_pattern_patterns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_figures")),
    )
    op.create_index(op.f("ix_drift_figures_run_id"), "drift_figures", ["run_id"])
    op.create_index("ix_drift_figures_pattern_kind", "drift_figures", ["pattern", "kind"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("pattern", sa.String(length=100), nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "level IN ('info', 'warning', 'critical')", name=op.f("ck_alerts_level_known")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_alerts_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_alerts_pattern_patterns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_raised_at"), "alerts", ["raised_at"])
    op.create_index(
        "uq_alerts_topic_open",
        "alerts",
        ["topic"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _pseudo_labels() -> None:
    op.create_table(
        "pseudo_labels",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Float(), nullable=True),
        sa.Column("instability", sa.Float(), nullable=False),
        sa.CheckConstraint("label >= 0 AND label <= 1", name=op.f("ck_pseudo_labels_label_share")),
        sa.CheckConstraint(
            "instability >= 0 AND instability <= 1", name=op.f("ck_pseudo_labels_instability_share")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["model_versions.id"],
            name=op.f("fk_pseudo_labels_model_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["images.sha256"], name=op.f("fk_pseudo_labels_sha256_images")
        ),
        sa.PrimaryKeyConstraint("model_id", "sha256", name=op.f("pk_pseudo_labels")),
    )
    op.create_index(
        "ix_pseudo_labels_model_id_instability", "pseudo_labels", ["model_id", "instability"]
    )


def downgrade() -> None:
    for name in ("pseudo_labels", "alerts", "drift_figures", "verdicts"):
        op.drop_table(name)
    op.execute("DELETE FROM runs WHERE kind = 'maintain'")
    with op.batch_alter_table("runs") as table:
        table.drop_constraint(op.f("ck_runs_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_runs_kind_known"), OLD_KINDS)
        table.drop_column("alive_at")
        table.drop_column("environment")
    op.drop_index("ix_predictions_run_id_score", "predictions")
    op.drop_column("predictions", "distance")
    op.drop_column("images", "captured_at")
    op.drop_index(op.f("ix_batches_line"), "batches")
    op.drop_column("batches", "line")
