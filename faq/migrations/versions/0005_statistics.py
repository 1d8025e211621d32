"""Statistics: roll-ups, weekly reports, samples, retention, tokens, staff on Telegram"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


PARTIAL = (
    ("ix_questions_words", "asked_at", "text <> ''"),
    ("ix_questions_openings", "campaign", "kind = 'command' AND person IS NULL AND campaign IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_tokens")),
    )
    op.create_table(
        "changed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_changed_days")),
    )
    op.create_table(
        "day_cells",
        sa.Column("level", sa.String(length=1), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("dim", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("not_understood", sa.Integer(), nullable=False),
        sa.Column("out_of_scope", sa.Integer(), nullable=False),
        sa.Column("personal_data", sa.Integer(), nullable=False),
        sa.Column("unavailable", sa.Integer(), nullable=False),
        sa.Column("small_talk", sa.Integer(), nullable=False),
        sa.Column("pressed", sa.Integer(), nullable=False),
        sa.Column("scam", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("not_helpful", sa.Integer(), nullable=False),
        sa.Column("sure_sum", sa.BigInteger(), nullable=False),
        sa.Column("sure_count", sa.Integer(), nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "first_day", "topic", "dim", "key", name=op.f("pk_day_cells")),
    )
    with op.batch_alter_table("day_cells", schema=None) as batch_op:
        batch_op.create_index("ix_day_cells_topic_dim", ["topic", "dim", "level", "first_day"], unique=False)

    op.create_table(
        "person_numbers",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_person_numbers")),
        sa.UniqueConstraint("person", name=op.f("uq_person_numbers_person")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_table(
        "samples",
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ending", sa.String(length=24), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("judged_by", sa.String(length=80), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("monday", "number", name=op.f("pk_samples")),
    )
    op.create_table(
        "staff_chat_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("staff_name", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_staff_chat_codes")),
    )
    with op.batch_alter_table("staff_chat_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_chat_codes_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_chats",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("staff_name", sa.String(length=40), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_staff_chats")),
    )
    with op.batch_alter_table("staff_chats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_chats_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_people",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_staff_people")),
    )
    op.create_table(
        "weekly_reports",
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("monday", name=op.f("pk_weekly_reports")),
    )
    for name, column, where in PARTIAL:
        op.create_index(name, "questions", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, _column, _where in PARTIAL:
        op.drop_index(name, "questions")
    op.drop_table("weekly_reports")
    op.drop_table("staff_people")
    with op.batch_alter_table("staff_chats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_chats_staff_id"))

    op.drop_table("staff_chats")
    with op.batch_alter_table("staff_chat_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_chat_codes_staff_id"))

    op.drop_table("staff_chat_codes")
    op.drop_table("samples")
    op.drop_table("retention_runs")
    op.drop_table("person_numbers")
    with op.batch_alter_table("day_cells", schema=None) as batch_op:
        batch_op.drop_index("ix_day_cells_topic_dim")

    op.drop_table("day_cells")
    op.drop_table("changed_days")
    op.drop_table("api_tokens")
