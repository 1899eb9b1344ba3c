"""first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from technopro.registry.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "images",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=1024), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_images")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("code_version", sa.String(length=50), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(length=20), nullable=True),
        sa.Column("prefect_run_id", sa.String(length=36), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('ingest', 'retrain', 'score')", name=op.f("ck_runs_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'completed', 'failed')", name=op.f("ck_runs_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=1024), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_batches_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_batches_source_digest")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_created_at"), ["created_at"], unique=False)

    op.create_table(
        "batch_images",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_images_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["images.sha256"], name=op.f("fk_batch_images_sha256_images")
        ),
        sa.PrimaryKeyConstraint("batch_id", "path", name=op.f("pk_batch_images")),
    )
    with op.batch_alter_table("batch_images", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_images_sha256"), ["sha256"], unique=False)

    op.create_table(
        "patterns",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("centroid", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_patterns_batch_id_batches")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_patterns")),
    )
    op.create_table(
        "quarantine",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_quarantine_batch_id_batches")
        ),
        sa.PrimaryKeyConstraint("batch_id", "path", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "model_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("weights_key", sa.String(length=1024), nullable=False),
        sa.Column("weights_sha256", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("backbone_name", sa.String(length=100), nullable=False),
        sa.Column("backbone_source", sa.String(length=1024), nullable=False),
        sa.Column("backbone_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('candidate', 'champion', 'retired')",
            name=op.f("ck_model_versions_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_model_versions_pattern_patterns")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_model_versions_run_id_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        sa.UniqueConstraint("version", "pattern", name=op.f("uq_model_versions_version_pattern")),
    )
    with op.batch_alter_table("model_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_versions_run_id"), ["run_id"], unique=False)
        batch_op.create_index(
            "uq_model_versions_champion",
            ["pattern"],
            unique=True,
            sqlite_where=sa.text("status = 'champion'"),
            postgresql_where=sa.text("status = 'champion'"),
        )

    op.create_table(
        "defect_rates",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("separable", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("share_low", sa.Float(), nullable=False),
        sa.Column("share_high", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("review_threshold", sa.Float(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("quality_low", sa.Float(), nullable=False),
        sa.Column("quality_high", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "quality >= 0 AND quality <= 1", name=op.f("ck_defect_rates_quality_share")
        ),
        sa.CheckConstraint(
            "quality_high >= 0 AND quality_high <= 1",
            name=op.f("ck_defect_rates_quality_high_share"),
        ),
        sa.CheckConstraint(
            "quality_low >= 0 AND quality_low <= 1", name=op.f("ck_defect_rates_quality_low_share")
        ),
        sa.CheckConstraint(
            "review_threshold >= 0 AND review_threshold <= 1",
            name=op.f("ck_defect_rates_review_threshold_share"),
        ),
        sa.CheckConstraint("share >= 0 AND share <= 1", name=op.f("ck_defect_rates_share_share")),
        sa.CheckConstraint(
            "share_high >= 0 AND share_high <= 1", name=op.f("ck_defect_rates_share_high_share")
        ),
        sa.CheckConstraint(
            "share_low >= 0 AND share_low <= 1", name=op.f("ck_defect_rates_share_low_share")
        ),
        sa.CheckConstraint(
            "threshold >= 0 AND threshold <= 1", name=op.f("ck_defect_rates_threshold_share")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_defect_rates_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["model_versions.id"],
            name=op.f("fk_defect_rates_model_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_defect_rates_pattern_patterns")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_defect_rates_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "pattern", name=op.f("pk_defect_rates")),
    )
    with op.batch_alter_table("defect_rates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_defect_rates_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "predictions",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("heat_key", sa.String(length=1024), nullable=True),
        sa.CheckConstraint(
            "decision IN ('ok', 'review', 'defect')", name=op.f("ck_predictions_decision_known")
        ),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_predictions_score_share")),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model_versions.id"], name=op.f("fk_predictions_model_id_model_versions")
        ),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_predictions_pattern_patterns")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_predictions_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["sha256"], ["images.sha256"], name=op.f("fk_predictions_sha256_images")
        ),
        sa.PrimaryKeyConstraint("run_id", "sha256", name=op.f("pk_predictions")),
    )
    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_predictions_run_id_pattern_score", ["run_id", "pattern", "score"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_predictions_sha256"), ["sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_predictions_sha256"))
        batch_op.drop_index("ix_predictions_run_id_pattern_score")

    op.drop_table("predictions")
    with op.batch_alter_table("defect_rates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_defect_rates_batch_id"))

    op.drop_table("defect_rates")
    with op.batch_alter_table("model_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_model_versions_champion",
            sqlite_where=sa.text("status = 'champion'"),
            postgresql_where=sa.text("status = 'champion'"),
        )
        batch_op.drop_index(batch_op.f("ix_model_versions_run_id"))

    op.drop_table("model_versions")
    op.drop_table("quarantine")
    op.drop_table("patterns")
    with op.batch_alter_table("batch_images", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_images_sha256"))

    op.drop_table("batch_images")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batches_created_at"))

    op.drop_table("batches")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_started_at"))

    op.drop_table("runs")
    op.drop_table("images")
