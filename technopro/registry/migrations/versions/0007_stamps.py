"""stamps: what is new in a source is seen without reading it

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
TABLES = ("batch_images", "quarantine")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("stamp", sa.String(100), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("stamp")
