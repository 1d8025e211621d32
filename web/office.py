"""What every page of the office's door leans on: the real parts, the clock, and the templates."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import Request
from fastapi.templating import Jinja2Templates

from dialogue.building import Parts
from faq.database import VIETNAM
from faq.link_checking import LinkChecker
from faq.notices import Notices
from faq.problems import Problem
from faq.releasing import Publisher
from stats.figures import day, percent, whole
from stats.freshness import Freshness
from stats.inbox_reading import InboxReader
from web.chats import Chats
from web.formats import clock, clock_time, moment, short_day, vn_day
from web.markup import rendered
from web.passwords import Passwords
from web.proofreading import Proofs
from web.settings import WebSettings
from web.throttle import Limit, Throttle
from web.uploads import Uploads

HERE = Path(__file__).parent
PER_NAME = Limit(attempts=5, seconds=15 * 60)
"""From one network: who does not know a password must not keep its owner, elsewhere, from logging in."""
PER_NAME_ANYWHERE = Limit(attempts=50, seconds=15 * 60)
PER_ADDRESS = Limit(attempts=20, seconds=15 * 60)
"""More than one person sits behind the address of an office."""
PER_TOKEN = Limit(attempts=60, seconds=60)
PER_VISIT = Limit(attempts=20, seconds=60)
PER_CROWD = Limit(attempts=300, seconds=60)
"""A mobile operator hides the phones of half a town behind one address."""
MOST_VISITS = 2_000
VISIT_SECONDS = 30 * 60
"""After the last question; as long as the dialogue remembers."""


def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(directory=HERE / "templates")
    environment = templates.env
    environment.trim_blocks = environment.lstrip_blocks = True
    for written in (whole, percent, day, short_day, vn_day, moment, clock, clock_time, rendered):
        environment.filters[written.__name__] = written
    return templates


@dataclass(frozen=True, slots=True)
class Office:
    """The office behind its door."""

    parts: Parts
    settings: WebSettings
    passwords: Passwords
    clock: Callable[[], dt.datetime]
    by_name: Throttle = field(default_factory=lambda: Throttle(PER_NAME))
    by_name_anywhere: Throttle = field(default_factory=lambda: Throttle(PER_NAME_ANYWHERE))
    by_member: Throttle = field(default_factory=lambda: Throttle(PER_NAME))
    """Of those who are in, by the number of the member of staff: nobody outside can use it up."""
    by_code: Throttle = field(default_factory=lambda: Throttle(PER_NAME))
    by_address: Throttle = field(default_factory=lambda: Throttle(PER_ADDRESS))
    chats: Chats = field(default_factory=Chats)
    visits: Chats = field(init=False)
    notices: Notices = field(init=False)
    freshness: Freshness = field(init=False)
    uploads: Uploads = field(init=False)
    links: LinkChecker = field(init=False)
    background: "set[asyncio.Task[object]]" = field(default_factory=set)
    """What was begun by a page and goes on after it: held, so that it is not forgotten half done."""
    inbox: InboxReader = field(init=False)
    by_visit: Throttle = field(default_factory=lambda: Throttle(PER_VISIT))
    by_crowd: Throttle = field(default_factory=lambda: Throttle(PER_CROWD))
    by_token: Throttle = field(default_factory=lambda: Throttle(PER_TOKEN))
    by_wrong_token: Throttle = field(default_factory=lambda: Throttle(PER_ADDRESS))
    proofs: Proofs = field(default_factory=Proofs)
    faults: dict[object, tuple[Problem, ...]] = field(default_factory=dict)
    """What is wrong with the FAQ as drafted, by what it was made of; the last few."""
    templates: Jinja2Templates = field(default_factory=_templates)

    def __post_init__(self) -> None:
        visits = Chats(most=MOST_VISITS, lasts=VISIT_SECONDS, clock=lambda: self.clock().timestamp())
        object.__setattr__(self, "visits", visits)
        object.__setattr__(self, "notices", Notices(self.parts.sessions, clock=self.clock))
        object.__setattr__(self, "freshness", Freshness(self.parts.sessions, clock=self.clock))
        object.__setattr__(self, "links", LinkChecker(self.parts.sessions, clock=self.clock))
        object.__setattr__(self, "uploads", Uploads(self.settings.uploads, self.clock))
        parts = self.parts
        reader = InboxReader(parts.sessions, parts.rasa, self.clock, faq=parts.faq, checks=self.proofs.checks)
        object.__setattr__(self, "inbox", reader)

    def publisher(self) -> Publisher:
        """Return who plans and rolls back; candidates are made by the background job."""
        rasa, models = self.parts.rasa, self.settings.models
        return Publisher(self.parts.sessions, rasa, models=models, pipeline={}, sentences=(), clock=self.clock)

    def today(self) -> dt.date:
        """Return today's date in Vietnam."""
        return self.clock().astimezone(VIETNAM).date()


def office(request: Request) -> Office:
    """Return the office that a request came to."""
    return cast("Office", request.app.state.office)
