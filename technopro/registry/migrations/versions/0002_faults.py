"""camera faults

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KNOWN = "fault IN ('dark', 'saturated', 'empty', 'blurred', 'foreign', 'duplicate')"


def upgrade() -> None:
    with op.batch_alter_table("predictions") as table:
        table.add_column(sa.Column("fault", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("like", sa.String(length=64), nullable=True))
        table.create_check_constraint(op.f("ck_predictions_fault_known"), KNOWN)
        table.create_foreign_key(op.f("fk_predictions_like_images"), "images", ["like"], ["sha256"])


def downgrade() -> None:
    with op.batch_alter_table("predictions") as table:
        table.drop_constraint(op.f("fk_predictions_like_images"), type_="foreignkey")
        table.drop_constraint(op.f("ck_predictions_fault_known"), type_="check")
        table.drop_column("like")
        table.drop_column("fault")
