"""centres: with which backbone a pattern's centre was found

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OF_THE_NEWEST_MODEL = """
UPDATE patterns SET centre_backbone = (
    SELECT backbone_sha256 FROM model_versions
    WHERE model_versions.pattern = patterns.name ORDER BY id DESC LIMIT 1
)
"""


def upgrade() -> None:
    op.add_column("patterns", sa.Column("centre_backbone", sa.String(64), nullable=True))
    op.execute(OF_THE_NEWEST_MODEL)


def downgrade() -> None:
    with op.batch_alter_table("patterns") as batch:
        batch.drop_column("centre_backbone")
