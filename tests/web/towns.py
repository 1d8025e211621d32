"""A made-up town in which every page of the office has something to show."""

import datetime as dt

from fastapi import FastAPI

from faq.database import VIETNAM, Sessions
from faq.entries import Faq
from faq.models import Publication, PublicationState
from faq.publishing import NOT_TRAINED
from stats import campaigns
from stats.endings import Ending
from stats.feedback import NOT_HELPFUL, REMARK, Feedback
from stats.inbox import Decision, InboxGroup
from stats.rolling import Roller, mark_changed
from stats.sampling import Verdict, draw, judge
from stats.weekly import WeeklyReport
from tests.faq.paper import Desk, sentences_of
from tests.faq.samples import changed
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.test_pages import ask
from tests.web.visits import PASSWORD
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff

MONDAY = dt.date(2026, 11, 16)
NEVER_SEEN = ("đổi bằng lái xe ở mô rứa", "doi bang lai xe o dau", "làm giấy khai sinh cho cháu nội hè")

TROUBLE = {
    PublicationState.REFUSED: "hiểu sai 3 câu cảnh báo lừa đảo",
    PublicationState.FAILED: NOT_TRAINED,
}


class Town:
    """Builds it, part by part; `key` and `other` are entries that exist."""

    def __init__(self, sessions: Sessions, faq: Faq, desk: Desk, clock: Clock) -> None:
        self.sessions, self.faq, self.desk, self.clock = sessions, faq, desk, clock
        self.key, self.other, self.third = (entry.key for entry in faq.entries[:3])
        self.campaign = ""
        self.document = faq.documents[0].id
        desk.now, desk.sentences = clock(), sentences_of(faq)

    async def publish(self) -> None:
        """Two releases, a publication in each state, and drafts that wait: one of them with faults."""
        await self.desk.draft(self.faq)
        await self.desk.publisher.publish(author="cài đặt")
        await self.desk.draft(changed(self.faq, self.third, short="Câu trả lời mới, rõ hơn."))
        await self.desk.publisher.publish(author="lan")
        examples = (*self.faq.entries[0].examples, "tui muốn làm căn cước cho con")
        await self.desk.draft(
            changed(self.faq, self.key, short="Câu trả lời sửa theo thông tư mới.", examples=examples)
        )
        proposal = {"drafts": {self.key: 1}, "why": "theo thông tư mới", "author": "lan", "created_at": self.clock()}
        async with self.sessions.begin() as session:
            session.add(Publication(state=PublicationState.WAITING, **proposal))
        await self.desk.worker.prepare_next()
        async with self.sessions.begin() as session:
            prepared = await session.get_one(Publication, 1)
            session.add_all(
                Publication(
                    state=state,
                    doing="Đang huấn luyện phần hiểu câu" if state == PublicationState.PREPARING else "",
                    share=0.4,
                    result=prepared.result,
                    trouble=TROUBLE.get(state, ""),
                    **proposal,
                )
                for state in PublicationState
            )
        await self.desk.draft(changed(self.faq, self.other, short="Đến {khong-co}."), author="minh")

    async def ask(self, app: FastAPI, recogniser: ScriptedRecogniser) -> None:
        """Two weeks of questions, remarks, an inbox with something open and something decided, a sample half judged."""
        known = {"ending": Ending.ANSWERED, "topic": "can-cuoc", "entry": self.key, "confidence": 0.91}
        moments = [dt.datetime(2026, 11, 10 + number % 13, 2, number, tzinfo=dt.UTC) for number in range(59)]
        for number, moment in enumerate(moments):
            await ask(self.sessions, moment, "làm căn cước ở đâu", person=f"{number % 30:032d}", **known)
        for number, text in enumerate(NEVER_SEEN * 4):
            recogniser.learn(text, self.key, 0.4)
            moment = self.clock() - dt.timedelta(hours=number + 1)
            await ask(self.sessions, moment, text, person=f"{number:032d}", confidence=0.4)
        app.state.office.inbox._recogniser, app.state.office.inbox._check_texts = recogniser, []
        await app.state.office.inbox.read()
        async with self.sessions.begin() as session:
            group = {"people": 6, "times": 8, "wordings": 1, "first_at": self.clock(), "last_at": self.clock()}
            decided = {"decision": Decision.IGNORED, "decided_by": "lan", "decided_at": self.clock()}
            session.add(InboxGroup(text="ad ơi", **group, **decided))
            remark = {"channel": "telegram", "said_at": self.clock(), "person": "b" * 32}
            session.add(Feedback(id="1" * 32, kind=NOT_HELPFUL, entry=self.key, reason=1, text="ở đâu", **remark))
            session.add(Feedback(id="2" * 32, kind=REMARK, text="Trả lời rõ ràng, cảm ơn tổ công tác.", **remark))
            await mark_changed(session, [*moments, self.clock()])
        await Roller(self.sessions).refresh()
        await draw(self.sessions, MONDAY, now=self.clock(), seed=7)
        async with self.sessions.begin() as session:
            for number, verdict in enumerate((Verdict.RIGHT, Verdict.WRONG, Verdict.RIGHT), 1):
                await judge(session, MONDAY, number, verdict, author="lan", now=self.clock())

    async def settle(self, passwords: Passwords) -> None:
        """Staff, a campaign and a report."""
        async with self.sessions.begin() as session:
            for name, role in (("lan", Role.EDITOR), ("minh", Role.APPROVER), ("quan-tri", Role.ADMINISTRATOR)):
                kept = {"password": PASSWORD, "passwords": passwords, "now": self.clock()}
                await create_staff(session, name, role=role, **kept)
            files = {f"bao-cao-2026-W47.{kind}": {"size": 48_213, "sha256": "0" * 64} for kind in ("docx", "pdf")}
            report = {"made_at": self.clock(), "made_by": "lan", "figures": {}, "files": files}
            session.add(WeeklyReport(monday=MONDAY, **report))
        days = {"first_day": self.clock().astimezone(VIETNAM).date(), "now": self.clock()}
        made = await campaigns.add(
            self.sessions, name="Tờ rơi chợ Hôm", place="Chợ Hôm", author="lan", entry=self.key, **days
        )
        self.campaign = made.code
