"""A survey at the terminal: the same tables as on the page."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from stats.figures import day
from stats.reports.blocks import Table, is_number, written
from stats.survey import LISTED, Survey
from stats.survey_tables import checked, closed, endings, figures, groups, listing, new, scope, steps

MOST_ROWS = 20


def show(said: Survey, console: Console) -> None:
    """Print a survey."""
    period = said.period
    topic = f", chủ đề {escape(said.topic_title)}" if period.topic else ""
    console.print(f"[bold]Câu hỏi của người dân từ {day(period.since)} đến {day(period.until)}{topic}[/bold]")
    for table in (figures(said), endings(said), *(listing(said, dim) for dim in LISTED), steps(said), new(said)):
        _print(table, console)
    for table in (groups(said), closed(said), checked(said)):
        _print(table, console)
    _print(scope(said), console)


def _print(table: Table, console: Console) -> None:
    grid = Grid(title=table.title, title_justify="left")
    rows = table.rows[:MOST_ROWS] if table.id == "entry" else table.rows
    for column, name in enumerate(table.head):
        right = bool(rows) and is_number(rows[0][column])
        grid.add_column(name, justify="right" if right else "left")
    for row in rows:
        grid.add_row(*(escape(written(value)) for value in row))
    console.print(grid)
    if table.note:
        console.print(table.note, markup=False)
