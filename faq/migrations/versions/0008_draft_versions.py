"""Every version of a draft that somebody saved, until it is published; which sessions were opened by a link"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from faq.database import UtcTime

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "draft_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_versions")),
    )
    op.create_index(op.f("ix_draft_versions_key"), "draft_versions", ["key"])
    op.add_column("staff_sessions", sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("staff_sessions", "by_link")
    op.drop_index(op.f("ix_draft_versions_key"), table_name="draft_versions")
    op.drop_table("draft_versions")
