"""The card's pages: drafts are made, what is typed is kept, two people are told, faults are named where they are."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from dialogue.building import Parts
from faq.audit import Deed
from faq.database import Sessions
from faq.drafting import save, standing
from faq.entries import CheckSentence, Entry, Faq
from faq.models import Draft, Kind, Revision, WorkingCopy
from faq.sheets import Content, Piece
from tests.web.cards import KEY, Card, hidden, publish, small
from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.card import NAMES, plain
from web.difference import packed
from web.passwords import Passwords
from web.proofreading import MOST_EXAMPLES, unstored
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

SCRIPT = '"><script>alert(1)</script>'
CHECKED = "bo do khong biet vneid la cai khi gi"
TEN = "\n".join(
    f"câu hỏi thử số {word} nhé" for word in ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]
)
NEW = {
    "topic": "vneid",
    "aspect": "cach-lam",
    "title": "Đổi ảnh đại diện",
    "question": "Đổi ảnh đại diện trên VNeID thế nào?",
    "short": "Mở VNeID, vào phần Cá nhân rồi bấm vào ảnh.",
    "facts": "Hướng dẫn của C06",
    "examples": TEN,
}


@pytest.fixture
def faq_live(faq: Faq) -> Faq:
    return small(faq)


@pytest.fixture
def app(parts: Parts, settings: WebSettings, clock: Clock, passwords: Passwords) -> FastAPI:
    checks = (
        CheckSentence(text=CHECKED, entry="khai-bao-tam-vang.la-gi"),
        *(CheckSentence(text=f"câu kiểm tra thứ {n} về chuyện khác hẳn", entry=KEY) for n in range(5)),
    )
    return build(parts, settings, clock=clock, passwords=passwords, sentences=checks)


@pytest.fixture
async def lan(officer: Guest, made_sessions: Sessions, faq_live: Faq, clock: Clock) -> Guest:
    """An editor of a town that has published."""
    failed = {"text": "x", "expected": KEY, "guessed": "vneid.cach-lam", "safety": False}
    await publish(made_sessions, faq_live, clock(), {"failures": [failed] * 3})
    return officer


async def another(
    app: FastAPI, sessions: Sessions, passwords: Passwords, clock: Clock, role: Role
) -> AsyncIterator[Guest]:
    transport = httpx.ASGITransport(app, client=("10.0.0.2", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        who = Guest(client)
        async with sessions.begin() as session:
            await create_staff(session, "minh", password=PASSWORD, role=role, passwords=passwords, now=clock())
        await who.log_in("minh", PASSWORD)
        yield who


@pytest.fixture
async def minh(app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> AsyncIterator[Guest]:
    """Another editor, at another desk."""
    async for who in another(app, made_sessions, passwords, clock, Role.EDITOR):
        yield who


@pytest.fixture
async def viewer(app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> AsyncIterator[Guest]:
    async for who in another(app, made_sessions, passwords, clock, Role.VIEWER):
        yield who


@pytest.fixture
def entry(faq_live: Faq) -> Entry:
    return next(e for e in faq_live.entries if e.key == KEY)


@pytest.fixture
def content(entry: Entry) -> Content:
    return plain(entry)


CLOCK = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


async def draft(sessions: Sessions, key: str = KEY) -> Content | None:
    async with sessions() as session:
        return (await standing(session, key)).draft


async def kept(sessions: Sessions) -> list[WorkingCopy]:
    async with sessions() as session:
        return list(await session.scalars(select(WorkingCopy)))


def shown(page: str, name: str) -> str:
    """What a box of the form shows."""
    found = re.search(rf'id="o-{re.escape(name)}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    found = found or re.search(rf'id="o-{re.escape(name)}"[^>]* value="([^"]*)"', page)
    assert found, f"no box {name}"
    return unescape(found[1])


async def test_form_shows_every_field_of_the_entry(lan: Guest, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    for name in set(NAMES) - {"aspect", "law", "links", "related"}:
        assert shown(card.page, name) == card.fields[name]
    assert len(card.page) < 400_000


async def test_form_sent_back_untouched_changes_nothing(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    answer = await card.save()

    assert (answer.status_code, answer.headers["location"]) == (303, f"/faq/{KEY}?luu=1")
    assert await draft(made_sessions) is None


async def test_change_becomes_a_draft_with_its_reason(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    await card.save(title="VNeID là chi", why="cho dễ hiểu")

    assert await draft(made_sessions) == {**content, "title": "VNeID là chi"}
    page = (await lan.get(f"/faq/{KEY}?luu=1")).text
    assert "Có bản nháp của <strong>lan</strong> lúc 10:00 ngày 23/11/2026" in page
    assert "cho dễ hiểu" in page
    assert "VNeID là chi" in page.partition('<article class="card entry">')[2]
    assert "đang xem bản nháp" in page
    now = (await lan.get(f"/faq/{KEY}")).text
    assert "VNeID là chi" not in now.partition('<article class="card entry">')[2]
    assert f"/faq/{KEY}?ban=nhap" in now
    async with made_sessions() as session:
        assert [deed.act for deed in await session.scalars(select(Deed).where(Deed.subject.contains(".")))] == [
            "draft.saved"
        ]


async def test_rows_of_law_links_and_related_are_read_as_lists(
    lan: Guest, made_sessions: Sessions, content: Content, faq_live: Faq
) -> None:
    card = await Card.open(lan, KEY, content)
    for name in ("law", "links", "related"):
        del card.fields[name]
    document, host = faq_live.documents[0].id, faq_live.place.hosts[0]

    await card.save(
        law__document=[document, ""],
        law__article=["Điều 2", ""],
        links__title=["Trang | chính", ""],
        links__url=[f"https://{host}/a", ""],
        related__one=["Câu nào đó? · vneid.cach-lam", ""],
    )

    saved = await draft(made_sessions)
    assert saved is not None
    assert saved["law"] == [{"document": document, "article": "Điều 2"}]
    assert saved["links"] == [{"title": "Trang | chính", "url": f"https://{host}/a"}]
    assert saved["related"] == ["vneid.cach-lam"]


async def test_fault_stands_beside_its_field_and_at_the_top_and_the_text_is_kept(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    card = await Card.open(lan, KEY, content)

    answer = await card.save(title="x" * 40, short="")

    assert answer.status_code == 422
    assert 'id="loi-title">dài quá 36 ký tự' in answer.text
    assert '<a href="#o-short">Trả lời ngắn</a>: thiếu, bắt buộc phải có' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "40/36" in answer.text
    assert shown(answer.text, "title") == "x" * 40
    assert await draft(made_sessions) is None
    assert [copy.fields["title"] for copy in await kept(made_sessions)] == ["x" * 40]


async def test_look_shows_preview_and_remarks_and_saves_nothing(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    card = await Card.open(lan, KEY, content)

    answer = await card.save(short="Câu trả lời mới tinh.", viec="xem")

    assert answer.status_code == 200
    assert "Câu trả lời mới tinh." in answer.text.partition('id="xem-truoc"')[2]
    assert await draft(made_sessions) is None


async def test_typing_is_kept_and_offered_again(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    said = await card.piece("tu-luu", short="Đang gõ dở")
    offered = (await lan.get(f"/faq/{KEY}/sua")).text
    resumed = await Card.open(lan, KEY, content, "?dung=tiep")

    assert said.text.strip() == "Đã tự lưu lúc 10:00"
    assert "còn bản đang gõ dở" in offered
    assert shown(resumed.page, "short") == "Đang gõ dở"
    assert await draft(made_sessions) is None


async def test_typing_is_forgotten_when_discarded_or_saved(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    card = await Card.open(lan, KEY, content)
    await card.piece("tu-luu", short="Đang gõ dở")
    await lan.client.post(f"/faq/{KEY}/bo-go", data=card.rest)
    assert await kept(made_sessions) == []

    await card.piece("tu-luu", short="Đang gõ dở")
    await card.save(short="Gõ xong.")
    assert await kept(made_sessions) == []


async def test_keeping_never_touches_the_draft(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)
    await card.save(short="Bản nháp.")

    await (await Card.open(lan, KEY, content)).piece("tu-luu", short="Gõ thêm")

    saved = await draft(made_sessions)
    assert saved is not None
    assert saved["short"] == "Bản nháp."


async def test_somebody_else_at_the_same_entry_is_named_for_a_quarter_of_an_hour(
    lan: Guest, minh: Guest, content: Content, clock: Clock
) -> None:
    await (await Card.open(minh, KEY, content)).piece("tu-luu", short="Của Minh")

    now = (await Card.open(lan, KEY, content)).page
    clock.pass_by(minutes=16)
    later = (await Card.open(lan, KEY, content)).page

    assert "<strong>minh</strong> đang sửa mục này (tự lưu lúc 10:00)" in now
    assert "đang sửa mục này" not in later


async def test_of_two_who_save_the_second_chooses_field_by_field_and_nothing_is_lost(
    lan: Guest, minh: Guest, made_sessions: Sessions, content: Content
) -> None:
    mine, theirs = await Card.open(lan, KEY, content), await Card.open(minh, KEY, content)
    examples = mine.fields["examples"]
    await theirs.save(
        short="Trả lời của Minh.",
        gain="Lợi ích của Minh.",
        examples=f"{examples}\ncâu của minh thêm vào",
        why="theo luật",
    )

    clash = await mine.save(
        short="Trả lời của Lan.", title="Tên của Lan", examples=f"{examples}\ncâu lan vừa thêm vào đây"
    )

    assert clash.status_code == 409
    assert "<strong>minh</strong> đã lưu" in clash.text
    assert all(f'name="chon.{name}"' in clash.text for name in ("short", "examples"))
    assert 'name="chon.title"' not in clash.text
    assert "Minh" in clash.text.partition("Lấy theo người kia")[2]
    chosen = Card(lan, KEY, {}, clash.text)
    chosen.rest |= {
        name: unescape(text)
        for name, text in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', clash.text)
    }
    done = await chosen.save(chon__short="kia", chon__examples="ca-hai")
    assert done.status_code == 303
    saved = await draft(made_sessions)
    assert saved is not None
    assert (saved["short"], saved["title"], saved["gain"]) == ("Trả lời của Minh.", "Tên của Lan", "Lợi ích của Minh.")
    assert set(saved["examples"]) == {*content["examples"], "câu của minh thêm vào", "câu lan vừa thêm vào đây"}


async def test_after_a_clash_the_typed_text_is_still_offered(
    lan: Guest, minh: Guest, made_sessions: Sessions, content: Content
) -> None:
    mine = await Card.open(lan, KEY, content)
    await (await Card.open(minh, KEY, content)).save(short="Trả lời của Minh.")
    await mine.save(short="Trả lời của Lan.")

    resumed = await Card.open(lan, KEY, content, "?dung=tiep")

    assert shown(resumed.page, "short") == "Trả lời của Lan."
    assert (await Card(lan, KEY, {**mine.fields, "short": "Trả lời của Lan."}, resumed.page).save()).status_code == 409


async def test_new_entry_gets_a_key_of_its_own_and_is_shown_as_new(lan: Guest, made_sessions: Sessions) -> None:
    first = await (await Card.new(lan, **NEW)).save()
    second = await (await Card.new(lan, **{**NEW, "examples": TEN.replace("câu", "lời")})).save()

    assert first.headers["location"] == "/faq/vneid.doi-anh-dai-dien?luu=1"
    assert second.headers["location"] == "/faq/vneid.doi-anh-dai-dien-2?luu=1"
    page = (await lan.get("/faq/vneid.doi-anh-dai-dien")).text
    assert "mới, chưa công bố" in page
    assert "Mở VNeID, vào phần Cá nhân" in page
    listed = (await lan.get("/faq?trang-thai=co-nhap")).text
    assert "Có 2 mục" in listed
    assert listed.count("mới, chưa công bố") == 2
    assert await kept(made_sessions) == []


async def test_new_entry_begins_with_what_was_asked(lan: Guest) -> None:
    page = (await lan.get("/muc-moi?cau=doi+anh+sao&cau=đổi+ảnh&chu-de=vneid")).text

    assert shown(page, "examples") == "doi anh sao\nđổi ảnh"
    assert '<option value="vneid" selected>' in page


async def test_new_entry_that_was_begun_is_offered(lan: Guest, made_sessions: Sessions) -> None:
    card = await Card.new(lan, **NEW)
    await card.piece("tu-luu")

    page = (await lan.get("/muc-moi")).text
    resumed = (await lan.get(f"/muc-moi?dung={card.rest['moi']}")).text
    await lan.client.post("/muc-moi/bo-go", data={"csrf": card.rest["csrf"], "moi": card.rest["moi"]})

    assert "còn một mục mới đang gõ dở" in page
    assert shown(resumed, "title") == NEW["title"]
    assert await kept(made_sessions) == []


async def test_entry_that_nobody_approved_is_not_called_confirmed(lan: Guest) -> None:
    saved = await (await Card.new(lan, **NEW)).save()

    page = (await lan.get(saved.headers["location"])).text

    assert "chưa ai duyệt" in page
    assert "đã xác nhận" not in page


async def test_entries_to_point_at_are_found_by_words_without_accents(lan: Guest) -> None:
    found = (await lan.get("/faq/tim-muc?tim-muc=vneid+la+gi", **{"HX-Request": "true"})).text

    assert f'name="related.one" value="VNeID là gì? · {KEY}"' in found or f"· {KEY}" in found


async def test_new_entry_without_topic_says_so(lan: Guest) -> None:
    answer = await (await Card.new(lan, **{**NEW, "topic": "khong-co"})).save()

    assert answer.status_code == 422
    assert 'id="loi-topic">chưa chọn' in answer.text


async def test_preview_shows_the_answer_or_what_is_missing(lan: Guest, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    good = (await card.piece("xem-truoc", short="Một câu khác.")).text
    bad = (await card.piece("xem-truoc", short="")).text
    blank = (await (await Card.new(lan)).piece("xem-truoc")).text

    assert "Một câu khác." in good
    assert "Bằng tiếng Anh" in good
    assert '<a href="#o-short">Trả lời ngắn</a>: thiếu' in bad
    assert "Còn phải điền hoặc sửa" in blank


async def test_preview_shows_what_is_there_though_the_rest_is_missing(lan: Guest) -> None:
    half = (await (await Card.new(lan)).piece("xem-truoc", short="Đến công an phường.", steps="x" * 300)).text

    assert "Đến công an phường." in half
    assert "Xem trước theo chữ đã có" in half


async def test_all_that_is_wrong_is_told_at_once_each_beside_its_field(lan: Guest) -> None:
    wrong = {"title": "x" * 37, "links": "Trang | http://xau.example", "examples": "một câu", "facts": ""}
    page = (await (await Card.new(lan, **{**NEW, **wrong})).save()).text

    summary = page.partition('id="tom-tat"')[2].partition('<form id="the"')[0]
    for name, told in {
        "title": "dài quá 36 ký tự",
        "links": "địa chỉ phải bắt đầu bằng https://",
        "examples": "mới có 1 câu",
        "facts": "chưa ghi câu trả lời dựa vào đâu",
    }.items():
        assert f'href="#o-{name}"' in summary
        assert told in summary
        assert told in page.partition(f'id="loi-{name}"')[2][:400]
    assert "xau.example" in summary.partition("https://")[2]


async def test_sentence_of_another_entry_is_an_error_with_a_link_also_without_accents(
    lan: Guest, made_sessions: Sessions, content: Content, faq_live: Faq
) -> None:
    other = next(e for e in faq_live.entries if e.key == "vneid.cach-lam")
    card = await Card.open(lan, KEY, content)
    examples = f"{card.fields['examples']}\n{other.examples[0].upper()}"

    told = (await card.piece("soat-cau", examples=examples)).text
    await card.save(examples=examples)

    assert "đã nằm ở mục khác" in told
    assert 'href="/faq/vneid.cach-lam"' in told
    assert "Lưu được, nhưng chưa công bố được" in (await lan.get(f"/faq/{KEY}")).text


async def test_sentence_out_of_scope_and_one_of_a_draft_are_found_too(
    lan: Guest, content: Content, faq_live: Faq
) -> None:
    await (await Card.new(lan, **NEW)).save()
    card = await Card.open(lan, KEY, content)
    group = faq_live.outside[0]

    told = (await card.piece("soat-cau", examples=f"{group.examples[0]}\n{TEN}")).text

    assert f"Ngoài phạm vi: {group.title}" in unescape(told)
    assert 'href="/faq/vneid.doi-anh-dai-dien"' in told


async def test_near_sentence_is_a_warning(lan: Guest, content: Content, faq_live: Faq) -> None:
    other = next(e for e in faq_live.entries if e.key == "vneid.cach-lam")
    long = max(other.examples, key=len)
    card = await Card.open(lan, KEY, content)

    told = (await card.piece("soat-cau", examples=card.fields["examples"] + f"\n{long} ạ")).text

    assert "gần giống câu" in told
    assert 'href="/faq/vneid.cach-lam"' in told


@pytest.mark.parametrize("text", [CHECKED, CHECKED + " a", "Bố đỡ không biết VNeID là cái khỉ gì?"])
async def test_check_sentence_is_refused_without_telling_what_it_is_of(
    lan: Guest, made_sessions: Sessions, content: Content, text: str
) -> None:
    card = await Card.open(lan, KEY, content)

    answer = await card.save(examples=f"{card.fields['examples']}\n{text}")

    assert answer.status_code == 422
    assert "quá giống một câu kiểm tra" in answer.text
    assert "tam-vang.la-gi" not in answer.text.partition('id="the"')[0]
    assert await draft(made_sessions) is None


async def test_personal_data_is_refused(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    example = await card.save(examples=f"{card.fields['examples']}\nso cccd cua toi la 040090012345")
    answer = await card.save(short="Gọi 0912345678 gặp cán bộ.")
    public = await card.save(**{"short": "Gọi 0912345678 gặp cán bộ.", "cong-khai": "1"})

    assert example.status_code == answer.status_code == 422
    assert "có vẻ có thông tin riêng (số định danh)" in example.text
    assert 'name="cong-khai"' in answer.text
    assert 'name="cong-khai"' not in example.text
    assert public.status_code == 303


async def test_personal_data_is_not_even_kept_while_typing(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    card = await Card.open(lan, KEY, content)

    await card.piece(
        "tu-luu",
        examples=f"{card.fields['examples']}\nso cccd 040090012345",
        short="Gọi 0912345678",
        why="bà 0912345678",
    )

    (copy,) = await kept(made_sessions)
    assert copy.fields["examples"].endswith("\nso cccd [số định danh]")
    assert copy.fields["short"] == "Gọi 0912345678"
    assert copy.fields["why"] == "bà [số điện thoại]"
    assert copy.fields["opened"]


@pytest.mark.parametrize(
    "changed",
    [
        {"law.document": "68-2020-qh14", "law.article": "Điều 3, bà Lan 0912345678"},
        {"links.title": "Gọi 0912345678", "links.url": "https://dichvucong.gov.vn/"},
        {"facts": "bà 040090012345"},
        {"aspect": "0912345678"},
    ],
)
async def test_personal_data_in_short_fields_is_refused_and_not_kept(
    lan: Guest, made_sessions: Sessions, content: Content, changed: dict[str, str]
) -> None:
    card = await Card.open(lan, KEY, content)
    for name in {name.partition(".")[0] for name in changed}:
        del card.fields[name]

    answer = await card.save(**changed)

    assert (answer.status_code, "có vẻ có thông tin riêng" in answer.text) == (422, True)
    (copy,) = await kept(made_sessions)
    if "links.title" not in changed and "law.article" not in changed:
        assert not re.search(r"0912345678|040090012345", str(copy.fields))


async def test_identity_number_is_masked_wherever_it_stands_in_a_line(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    card = await Card.open(lan, KEY, content)
    number, far = "040090012345", "chữ " * 199
    old = packed({**card.fields, "short": number})

    await card.piece("tu-luu", short=number, opened=old, gain=f"{far}{number}", examples=f"{far}xa {number}")
    await card.piece("tu-luu", topic=number, facts=number, why="x" * 5_000 + number)

    (copy,) = await kept(made_sessions)
    assert number not in str(copy.fields)


async def test_link_and_law_keep_their_addresses_and_ids() -> None:
    typed = {"links": "Gọi 040090012345 | https://a.gov.vn/040090012345", "law": "66-22-2026-nq-cp | số 040090012345"}

    found = unstored(typed, None)

    assert found["links"] == "Gọi [số định danh] | https://a.gov.vn/040090012345"
    assert found["law"] == "66-22-2026-nq-cp | số [số định danh]"
    assert unstored({"law": "66-22-2026-nq-cp"}, None) == {"law": "66-22-2026-nq-cp"}


async def test_nothing_is_kept_for_an_entry_that_is_not_there(lan: Guest, made_sessions: Sessions) -> None:
    answer = await lan.client.post("/faq/bat-ky.gi/tu-luu", data={"csrf": await lan.token("/faq"), "short": "x"})

    assert (answer.status_code, await kept(made_sessions)) == (404, [])


async def test_reason_with_personal_data_is_refused(lan: Guest, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    assert (await card.save(short="Khác.", why="bà gọi 0912345678")).status_code == 422


async def test_few_and_many_examples_are_told(lan: Guest) -> None:
    few = (await (await Card.new(lan)).piece("soat-cau", examples="một câu")).text
    many = "\n".join(f"câu số {n}" for n in range(MOST_EXAMPLES + 1))

    assert "mới có 1 câu, cần ít nhất 10 câu" in few
    assert f"nhiều nhất {MOST_EXAMPLES} câu" in (await (await Card.new(lan)).piece("soat-cau", examples=many)).text


async def test_confused_entries_are_named(lan: Guest, content: Content, faq_live: Faq) -> None:
    page = unescape((await Card.open(lan, KEY, content)).page)
    titles = {e.key: faq_live.place.fill(e.title) for e in faq_live.entries}

    assert f"‘{titles[KEY]}’ hay bị nhầm với ‘{titles['vneid.cach-lam']}’ (3/5 câu kiểm tra)" in page


async def test_ticked_suggestions_are_added_when_saving(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)
    new = "làm sao để hiểu vneid là cái thứ gì trên đời này"
    examples = f"{card.fields['examples']}\n{new}"
    told = (await card.piece("soat-cau", examples=examples)).text
    offered = [unescape(text) for text in re.findall(r'name="them" value="([^"]*)"(?! checked)', told)]

    assert "lam sao de hieu vneid la cai thu gi tren doi nay" in offered
    assert "checked" not in told
    await card.save(examples=examples, them=offered[:1])
    saved = await draft(made_sessions)
    assert saved is not None
    assert saved["examples"][-2:] == [new, offered[0]]


async def test_history_shows_each_version_and_the_draft_on_top(
    lan: Guest, made_sessions: Sessions, content: Content, clock: Clock
) -> None:
    async with made_sessions.begin() as session:
        second = {**content, "short": "Câu trả lời hồi trước."}
        session.add(
            Revision(
                kind=Kind.ENTRY, key=KEY, number=2, content=second, author="tú", created_at=clock(), why="sửa lỗi gõ"
            )
        )
    await (await Card.open(lan, KEY, content)).save(examples="\n".join([*content["examples"][1:], "câu mới toanh ni"]))

    page = unescape((await lan.get(f"/faq/{KEY}/lich-su")).text)

    assert page.index("Bản nháp") < page.index("Bản 2") < page.index("Bản 1")
    assert "Lý do: sửa lỗi gõ" in page
    assert "<ins>câu mới toanh ni</ins>" in page
    assert f"<del>{content['examples'][0]}</del>" in page
    assert "<del><span" in page


async def test_draft_is_discarded_unless_somebody_changed_it(
    lan: Guest, made_sessions: Sessions, content: Content, clock: Clock
) -> None:
    await (await Card.open(lan, KEY, content)).save(short="Bản nháp.")
    stale = (await lan.get(f"/faq/{KEY}")).text
    clock.pass_by(minutes=1)
    await (await Card.open(lan, KEY, content)).save(short="Bản nháp khác.")
    data = {"csrf": await lan.token(f"/faq/{KEY}")}

    refused = await lan.client.post(f"/faq/{KEY}/bo-nhap", data={**data, "base": _base(stale)})
    done = await lan.client.post(
        f"/faq/{KEY}/bo-nhap", data={**data, "base": _base((await lan.get(f"/faq/{KEY}")).text)}
    )

    assert refused.status_code == 409
    assert "vừa được người khác sửa" in refused.text
    assert done.headers["location"] == f"/faq/{KEY}"
    assert await draft(made_sessions) is None


def _base(page: str) -> str:
    found = re.search(r'name="base" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_entry_is_withdrawn_after_being_asked_once_more_and_may_come_back(
    lan: Guest, made_sessions: Sessions, content: Content
) -> None:
    ask = await lan.get(f"/faq/{KEY}/rut")
    assert "Rút mục này?" in ask.text

    done = await lan.send(f"/faq/{KEY}/rut", base=_base(ask.text), why="bãi bỏ")

    assert done.status_code == 303
    assert "đề nghị rút mục này" in (await lan.get(f"/faq/{KEY}")).text
    assert "chờ rút" in (await lan.get("/faq?trang-thai=co-nhap")).text
    await (await Card.open(lan, KEY, content)).save()
    async with made_sessions() as session:
        assert not (await standing(session, KEY)).drafted


async def test_discarding_the_draft_of_a_new_entry_leads_to_the_list(lan: Guest, made_sessions: Sessions) -> None:
    await (await Card.new(lan, **NEW)).save()
    key = "vneid.doi-anh-dai-dien"

    done = await lan.send(f"/faq/{key}", f"/faq/{key}/bo-nhap", base=_base((await lan.get(f"/faq/{key}")).text))

    assert done.headers["location"] == "/faq"
    assert (await lan.get(f"/faq/{key}")).status_code == 404


@pytest.mark.parametrize("name", sorted({*NAMES, "why", "topic", "base", "opened"} - {"checked_on", "review_by"}))
async def test_script_in_any_field_is_shown_as_text(lan: Guest, content: Content, name: str) -> None:
    card = await Card.open(lan, KEY, content)
    text = "\n".join([SCRIPT] * 12) if name == "examples" else SCRIPT

    pages = [
        await card.save(**{"short": "Khác.", "gain": SCRIPT, name: text}),
        await card.piece("xem-truoc", **{name: text}),
        await card.piece("soat-cau", **{name: text}),
        await card.piece("tu-luu", **{name: text}),
        *[await lan.get(f"/faq/{KEY}{rest}") for rest in ("", "/lich-su", "/sua", "/sua?dung=tiep", "/rut")],
        await lan.get("/faq?trang-thai=co-nhap"),
        await lan.get("/muc-moi"),
    ]

    assert not [page.url for page in pages if "<script>alert" in page.text]
    assert {page.status_code for page in pages} <= {200, 303, 409, 422}


async def test_script_in_a_draft_of_somebody_else_is_shown_as_text(
    lan: Guest, made_sessions: Sessions, content: Content, clock: Clock
) -> None:
    hostile = {
        **content,
        "short": SCRIPT,
        "title": SCRIPT[:36],
        "question": SCRIPT,
        "examples": [f"{SCRIPT} {n}" for n in range(10)],
    }
    async with made_sessions.begin() as session:
        base = (await standing(session, KEY)).version
        await save(session, Piece(Kind.ENTRY, KEY, hostile), base=base, author="lan", now=clock(), why=SCRIPT)
        await save(
            session,
            Piece(Kind.ENTRY, "vneid.moi", {**hostile, "key": "vneid.moi"}),
            base="0-0",
            author="lan",
            now=clock(),
        )

    for path in (
        "/faq/vneid.moi",
        f"/faq/{KEY}",
        f"/faq/{KEY}/lich-su",
        f"/faq/{KEY}/sua",
        "/faq?trang-thai=co-nhap",
        f"/faq/{KEY}/rut",
    ):
        page = await lan.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


async def test_viewer_reads_the_history_and_edits_nothing(lan: Guest, viewer: Guest) -> None:
    reads = [(await viewer.get(path)).status_code for path in (f"/faq/{KEY}/lich-su", f"/faq/{KEY}")]
    edits = [(await viewer.get(path)).status_code for path in (f"/faq/{KEY}/sua", "/muc-moi", f"/faq/{KEY}/rut")]
    posts = [
        (await viewer.client.post(f"{start}/{rest}")).status_code
        for start in (f"/faq/{KEY}", "/muc-moi")
        for rest in ("tu-luu", "bo-go", "xem-truoc", "soat-cau")
    ]

    assert (set(reads), set(edits), set(posts)) == ({200}, {403}, {403})
    assert "Sửa</a>" not in (await viewer.get(f"/faq/{KEY}")).text


async def test_form_without_its_token_is_refused(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    assert (await card.save(csrf="0" * 64, short="Khác.")).status_code == 403
    assert await draft(made_sessions) is None


async def test_what_another_overwrote_is_in_the_history_and_taken_back(
    lan: Guest, minh: Guest, made_sessions: Sessions, content: Content
) -> None:
    hers, his = await Card.open(lan, KEY, content), await Card.open(minh, KEY, content)
    await hers.save(short="Câu chữ của Lan.")
    clash = await his.save(short="Câu chữ của Minh.")
    again = {name: hidden(clash.text, name) for name in ("csrf", "base", "opened")}
    await his.save(short="Câu chữ của Minh.", **again)

    page = (await minh.get(f"/faq/{KEY}/lich-su")).text
    fields = {name: hidden(page, name) for name in ("csrf", "ban")}
    base = re.findall(r'name="base" value="([^"]*)"', page)[-1]
    stale = await minh.client.post(f"/faq/{KEY}/lay-lai", data={**fields, "base": "1-1"})
    foreign = await minh.client.post("/faq/vneid.loi-ich/lay-lai", data={**fields, "base": base})
    taken = await minh.client.post(f"/faq/{KEY}/lay-lai", data={**fields, "base": base})

    assert f'href="/faq/{KEY}/lich-su"' in clash.text
    assert "Các bản nháp đã lưu trước" in page
    assert "của Lan." in page
    assert (stale.status_code, foreign.status_code, taken.status_code) == (409, 404, 303)
    saved = await draft(made_sessions)
    assert saved
    assert saved["short"] == "Câu chữ của Lan."
    assert "Minh.<" in (await minh.get(f"/faq/{KEY}/lich-su")).text


async def test_new_entry_is_read_whole_before_it_is_approved(lan: Guest, made_sessions: Sessions) -> None:
    piece = {"question": "Mục mới là gì?", "short": "Câu chưa ai đọc.", "examples": ["một câu"]}
    async with made_sessions.begin() as session:
        await save(session, Piece(Kind.ENTRY, "vneid.moi", piece), base="0-0", author="hoa", now=CLOCK)

    page = await lan.get("/faq/vneid.moi/lich-su")

    assert page.status_code == 200
    assert "Câu chưa ai đọc." in page.text
    assert "một câu" in page.text


@pytest.mark.parametrize("path", ["/cong-bo/99999999999999999999", "/cong-bo/99999999999999999999/tien-do"])
async def test_number_that_no_row_has_is_not_found(lan: Guest, path: str) -> None:
    assert (await lan.get(path)).status_code == 404
    assert (await lan.get(f"/excel?nap={'9' * 5_000}")).status_code == 200


@pytest.mark.parametrize("path", ["/faq/vneid.khong-co/sua", "/faq/x/lich-su", "/faq/vneid.khong-co/rut"])
async def test_unknown_entry_is_not_found(lan: Guest, path: str) -> None:
    assert (await lan.get(path)).status_code == 404


async def test_strange_forms_are_answered_politely(lan: Guest, made_sessions: Sessions, content: Content) -> None:
    card = await Card.open(lan, KEY, content)

    answers = [
        await card.save(opened="{{{", base="x" * 200, short="Khác."),
        await card.save(opened='["a"]', short="a\x00b\ud7ff"),
        await card.save(**{"chon.short": "kia", "short": "Khác."}),
        await card.piece("tu-luu", moi="x" * 100),
        await (await Card.new(lan)).piece("tu-luu", moi="khac"),
        await card.save(examples="x" * 600_000),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 422, 200, 404, 413] or all(
        answer.status_code < 500 for answer in answers
    )


async def test_editor_without_a_published_faq_may_still_write(
    officer: Guest, made_sessions: Sessions, faq: Faq
) -> None:
    entry = next(e for e in faq.entries if e.key == KEY)

    await (await Card.open(officer, KEY, plain(entry))).save(short="Khác.")

    async with made_sessions() as session:
        assert [row.key for row in await session.scalars(select(Draft))] == [KEY]


def test_review_is_set_ahead(clock: Clock) -> None:
    assert clock().date() + dt.timedelta(days=182) == dt.date(2027, 5, 24)
