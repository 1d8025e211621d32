"""Gaps closed: questions are found by their words, releases by what they hold"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WITH_WORDS = "text <> ''"


def upgrade() -> None:
    op.create_index(
        "ix_questions_text",
        "questions",
        ["text"],
        sqlite_where=sa.text(WITH_WORDS),
        postgresql_where=sa.text(WITH_WORDS),
        postgresql_using="hash",
    )
    op.create_index("ix_release_revisions_revision_id", "release_revisions", ["revision_id"])


def downgrade() -> None:
    op.drop_index("ix_release_revisions_revision_id", "release_revisions")
    op.drop_index("ix_questions_text", "questions")
