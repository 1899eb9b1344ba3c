"""history: snapshots, deployments, thresholds, the audit log, the life of patterns

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from technopro.registry.tables.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_STATES = "status IN ('candidate', 'champion', 'retired')"
STATES = "status IN ('candidate', 'challenger', 'champion', 'retired')"
LIFE = "status IN ('new', 'active', 'merged', 'split', 'retired')"
REFUSED = "the audit log only grows"


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log") as table:
        table.create_index(op.f("ix_audit_log_at"), ["at"], unique=False)
        table.create_index("ix_audit_log_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "snapshot_images",
        sa.Column("snapshot_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["images.sha256"], name=op.f("fk_snapshot_images_sha256_images")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_snapshot_images_snapshot_id_snapshots")
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "sha256", name=op.f("pk_snapshot_images")),
    )
    op.create_table(
        "thresholds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("defect", sa.Float(), nullable=False),
        sa.Column("review", sa.Float(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("defect >= 0 AND defect <= 1", name=op.f("ck_thresholds_defect_share")),
        sa.CheckConstraint("review <= defect", name=op.f("ck_thresholds_band")),
        sa.CheckConstraint("review >= 0 AND review <= 1", name=op.f("ck_thresholds_review_share")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_thresholds_in_order")),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_thresholds_pattern_patterns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thresholds")),
    )
    with op.batch_alter_table("thresholds") as table:
        table.create_index(op.f("ix_thresholds_pattern"), ["pattern"], unique=False)
        table.create_index(
            "uq_thresholds_pattern_open",
            ["pattern"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "deployments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_deployments_in_order")),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model_versions.id"], name=op.f("fk_deployments_model_id_model_versions")
        ),
        sa.ForeignKeyConstraint(
            ["pattern"], ["patterns.name"], name=op.f("fk_deployments_pattern_patterns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployments")),
    )
    with op.batch_alter_table("deployments") as table:
        table.create_index("ix_deployments_pattern_since", ["pattern", "since"], unique=False)
        table.create_index(
            "uq_deployments_pattern_open",
            ["pattern"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    with op.batch_alter_table("model_versions") as table:
        table.drop_constraint(op.f("ck_model_versions_status_known"), type_="check")
        table.create_check_constraint(op.f("ck_model_versions_status_known"), STATES)
        table.add_column(sa.Column("snapshot_id", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_model_versions_parent_id_model_versions"),
            "model_versions",
            ["parent_id"],
            ["id"],
        )
        table.create_foreign_key(
            op.f("fk_model_versions_snapshot_id_snapshots"), "snapshots", ["snapshot_id"], ["id"]
        )

    with op.batch_alter_table("patterns") as table:
        table.add_column(
            sa.Column("status", sa.String(length=20), server_default="active", nullable=False)
        )
        table.add_column(sa.Column("title", sa.String(length=100), nullable=True))
        table.add_column(sa.Column("parent", sa.String(length=100), nullable=True))
        table.create_foreign_key(
            op.f("fk_patterns_parent_patterns"), "patterns", ["parent"], ["name"]
        )
        table.create_check_constraint(op.f("ck_patterns_status_known"), LIFE)
    op.execute(
        "INSERT INTO deployments (pattern, model_id, since, actor, reason) "
        "SELECT pattern, id, created_at, 'migration', 'champion when history began' "
        "FROM model_versions WHERE status = 'champion'"
    )
    _guard_audit_log()


def _guard_audit_log() -> None:
    """Let the database itself refuse to change or remove what was written."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{verb} BEFORE {verb} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("UPDATE model_versions SET status = 'candidate' WHERE status = 'challenger'")
    with op.batch_alter_table("patterns") as table:
        table.drop_constraint(op.f("ck_patterns_status_known"), type_="check")
        table.drop_constraint(op.f("fk_patterns_parent_patterns"), type_="foreignkey")
        table.drop_column("parent")
        table.drop_column("title")
        table.drop_column("status")

    with op.batch_alter_table("model_versions") as table:
        table.drop_constraint(op.f("ck_model_versions_status_known"), type_="check")
        table.create_check_constraint(op.f("ck_model_versions_status_known"), OLD_STATES)
        table.drop_constraint(op.f("fk_model_versions_snapshot_id_snapshots"), type_="foreignkey")
        table.drop_constraint(
            op.f("fk_model_versions_parent_id_model_versions"), type_="foreignkey"
        )
        table.drop_column("parent_id")
        table.drop_column("snapshot_id")

    for name in ("deployments", "thresholds", "snapshot_images", "snapshots", "audit_log"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")
