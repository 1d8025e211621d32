"""Questions are found by their words: how those of a gap ended before and after it was closed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
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


def downgrade() -> None:
    op.drop_index("ix_questions_text", "questions")
