"""paths: an image is found by its path without reading every row

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_batch_images_path"), "batch_images", ["path"])


def downgrade() -> None:
    op.drop_index(op.f("ix_batch_images_path"), "batch_images")
