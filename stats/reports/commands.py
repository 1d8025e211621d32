"""`python -m stats weekly | template`: the weekly report without the pages, and the Word template anew."""

import argparse
from pathlib import Path
from typing import Any

from faq.database import Sessions
from stats.reports.making import WeeklyReports, monday_named
from stats.reports.template_making import SHIPPED, make


def add_to(commands: Any) -> None:
    """Add the two commands to those of `python -m stats`."""
    weekly = commands.add_parser("weekly", help="lập báo cáo tuần (DOCX, PDF, XLSX) vào var/reports")
    weekly.add_argument("--week", metavar="TUẦN", help="ví dụ 2026-W47; để trống thì lập tuần vừa qua")
    weekly.add_argument("--by", default="dòng lệnh", help="ai lập")
    template = commands.add_parser("template", help="ghi lại mẫu Word đi kèm, hoặc chép ra để sửa")
    template.add_argument("--to", type=Path, default=SHIPPED, metavar="TỆP", help="ví dụ var/report-template.docx")


async def weekly(options: argparse.Namespace, sessions: Sessions, var_dir: Path) -> list[str]:
    """Make the report that was asked for; return the paths of its files."""
    reports = WeeklyReports(sessions, var_dir, inbox=_wait_for_the_service)
    monday = monday_named(options.week) if options.week else reports.last_due()
    made = await reports.make(monday, author=options.by)
    return [str(var_dir / "reports" / monday.isoformat() / name) for name in made.files]


async def _wait_for_the_service() -> None:
    """Leave the reading to the service, which knows the NLU server: a week it has not read is refused."""


def template(options: argparse.Namespace) -> str:
    """Write the template; return where it stands."""
    options.to.write_bytes(make())
    return str(options.to)
