"""The inbox: groups that staff put together by hand"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("inbox_groups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("joined", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("inbox_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("inbox_messages", schema=None) as batch_op:
        batch_op.drop_column("part")

    with op.batch_alter_table("inbox_groups", schema=None) as batch_op:
        batch_op.drop_column("joined")
        batch_op.drop_column("parts")
