"""Personal data out of what citizens type, before NLU, log or database see it.

Best effort on purpose: a long number that nobody can explain is masked; dates, money, laws and official numbers stay.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stats.lookalikes import BARRIER, Plain, plain, with_digits
from stats.numbers import CURRENCY, DATE, LONG, broken_numbers, count, has_shape, is_harmless, kind_of, personal_numbers

TOKENS: dict[str, str] = {
    "identity": "[số định danh]",
    "phone": "[số điện thoại]",
    "email": "[email]",
    "plate": "[biển số]",
    "account": "[số tài khoản]",
    "passport": "[hộ chiếu]",
    "code": "[mã]",
    "birth_date": "[ngày sinh]",
    "name": "[tên]",
    "address": "[địa chỉ]",
    "insurance": "[bảo hiểm]",
    "handle": "[tài khoản mạng]",
}
"""What stands in the text for each kind of personal data."""

_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and the kinds of data that were removed from it."""

    text: str
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the plain letters that is to be masked."""

    start: int
    end: int
    kind: str


@dataclass(slots=True)
class Sheet:
    """A message while rules black out parts of it: the same letters with case, in lower case, and with digits."""

    cased: str
    lower: str
    digits: str
    found: list[Found] = field(default_factory=list)

    @classmethod
    def of(cls, letters: str) -> "Sheet":
        """Prepare `letters` for the rules."""
        lower = letters.lower()
        return cls(letters, lower, with_digits(lower))

    def black_out(self, places: list[Found]) -> None:
        """Remember `places` and hide them from the rules that follow."""
        places = _apart(places)
        if places:
            self.cased, self.lower, self.digits = (_barred(t, places) for t in (self.cased, self.lower, self.digits))
            self.found += places


def _apart(places: list[Found]) -> list[Found]:
    apart: list[Found] = []
    for place in sorted(places, key=lambda found: (found.start, -found.end)):
        if not apart or place.start >= apart[-1].end:
            apart.append(place)
    return apart


def _barred(letters: str, places: list[Found]) -> str:
    pieces: list[str] = []
    done = 0
    for place in places:
        pieces += (letters[done : place.start], BARRIER * (place.end - place.start))
        done = place.end
    return "".join((*pieces, letters[done:]))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


Rule = Callable[[Sheet], Iterator[Found]]


def without_marks(text: str) -> str:
    """Return a masked text without the marks that stand for what was hidden: no example has such words."""
    return " ".join(_TOKEN.sub(" ", text).split()) if _TOKEN.search(text) else text


def mask(text: str) -> Masked:
    """Replace personal data in `text` by tokens; masking the result again changes nothing."""
    kinds: set[str] = set()
    while found := _personal_data(letters := plain(text, _TOKEN)):
        text = _replace(text, letters, found)
        kinds |= {place.kind for place in found}
    return Masked(text, frozenset(kinds))


def _personal_data(letters: Plain) -> list[Found]:
    if len(letters.letters) != len(letters.letters.lower()):  # no letter is known to grow; never mask the wrong place
        return []
    sheet = Sheet.of(letters.letters)
    for rule in RULES:
        sheet.black_out(list(rule(sheet)))
    return sorted(sheet.found, key=lambda place: place.start)


def _replace(text: str, letters: Plain, found: list[Found]) -> str:
    pieces: list[str] = []
    done = 0
    for place in found:
        start, end = letters.span(place.start, place.end)
        pieces += (text[done:start], TOKENS[place.kind])
        done = max(end, done)
    return "".join((*pieces, text[done:]))


# --- a code that is the whole message -------------------------------------------------------------------------------

_LONE_CODE = re.compile(
    r"\W*(?P<code>(?:g-)?\d{6}|\d{3}[ -]\d{3}|\d(?: \d){5}|\d\d(?: \d\d){2})\W*"
    r"(?:(?:day|do|nhe|nha|a|ne|em|anh|chi)\W*){0,3}"
)


_LONGEST_LONE = 64


def _lone_code(sheet: Sheet) -> Iterator[Found]:
    if len(sheet.digits) < _LONGEST_LONE and (match := _LONE_CODE.fullmatch(sheet.digits)):
        yield Found(*match.span("code"), "code")


# --- e-mails, handles, profile links --------------------------------------------------------------------------------

_AT = re.compile(r"(?P<gap> ?)(?:@|\(at\)|\[at\]|\ba cong\b)(?P<behind> ?)")
_LOCAL = frozenset("0123456789.!#$%&'*+/=?^_`{|}~-")
_DOMAIN = frozenset("0123456789.-")
_WHOLE_DOMAIN = re.compile(r"(?:[^\W_][\w-]*\.)+[^\W\d_][\w-]+")
_HANDLE = re.compile(r"[a-z]\w{3,63}")
_MAIL_HOST = r"(?:gmail|yahoo|hotmail|outlook|icloud)"
_SPOKEN_EMAIL = re.compile(
    rf"[a-z0-9][\w.+-]{{0,63}} ?(?:@|\(at\)|\[at\]|\ba cong\b|\bat\b) ?{_MAIL_HOST}"
    rf"(?: ?(?:\.|\bcham\b) ?com)?(?:\.vn)?(?![^\W_])"
    rf"|(?<=mail )[a-z0-9][\w.+-]{{2,63}} {_MAIL_HOST}\.com(?:\.vn)?(?![^\W_])"
)
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.|web\.)?"
    r"(?:t\.me|telegram\.(?:me|dog)|zalo\.me|fb\.com|fb\.me|m\.me|facebook\.com|instagram\.com|tiktok\.com)/[^\s\x00]+"
    r"|tg://[^\s\x00]+"
)


def _profiles(sheet: Sheet) -> Iterator[Found]:
    for match in _PROFILE.finditer(sheet.lower):
        yield Found(*match.span(), "handle")


def _spoken_emails(sheet: Sheet) -> Iterator[Found]:
    for match in _SPOKEN_EMAIL.finditer(sheet.lower):
        yield Found(*match.span(), "email")


def _emails(sheet: Sheet) -> Iterator[Found]:
    text, done = sheet.lower, 0
    for at in _AT.finditer(text):
        start, end = _left_of(text, at.start(), done), _right_of(text, at.end())
        if kind := _kind_of_address(text, at, start, end):
            begin = start if kind == "email" else at.start() + len(at["gap"])
            yield Found(begin, end, kind)
            done = end


def _left_of(text: str, start: int, least: int) -> int:
    while start > least and (text[start - 1] in _LOCAL or text[start - 1].isalnum()):
        start -= 1
    return start


def _right_of(text: str, end: int) -> int:
    last = end
    while last < len(text) and (text[last] in _DOMAIN or text[last] == "_" or text[last].isalnum()):
        last += 1
    while last > end and text[last - 1] in ".-":
        last -= 1
    return last


def _kind_of_address(text: str, at: re.Match[str], start: int, end: int) -> str | None:
    sign, domain = at[0].strip(" "), text[at.end() : end]
    whole = _WHOLE_DOMAIN.fullmatch(domain) is not None
    if start < at.start() and whole:
        return "email"
    if sign != "@" or at["behind"]:
        return None
    if start < at.start() and not at["gap"]:
        return "email" if len(domain) > 1 and domain[0].isalpha() else None
    return "handle" if _HANDLE.match(domain) else None


# --- numbers with letters: insurance, plates, passports -------------------------------------------------------------

_INSURANCE = re.compile(r"(?<![^\W_])[A-Za-z]{2}(?:[.-]?\d){13}(?!\d)|(?<![^\W_])[A-Z]{2} ?(?:\d[ .-]?){12}\d(?!\d)")
_PLATE = re.compile(
    r"(?<!\d)(?<!\d[.,/-])(?<!\d[oli])(?<!\d[oli]{2})[1-9]\d(?P<gap>[ .-]{0,3})"
    r"(?P<series>[a-z]{1,2}\d?)(?P<behind>[ .-]{0,3})"
    r"(?P<tail>\d{3}[ .]?\d{2}|\d{4})(?![^\W_])(?![.,]\d)"
)
_UNITS = _words("""
    h k g p d m l t s km kg tr gb mb cm mm ty ti so la va ma ha
""")
_VEHICLE = re.compile(r"\b(?:xe|bien(?: so)?|bsx?|bks)\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PASSPORT = re.compile(r"(?<![^\W_])[A-Za-z]\d{7,8}(?![^\W_])|(?<![^\W_])[A-Z][ -]\d{7,8}(?![^\W_])")
_PASSPORT_WORD = re.compile(
    r"(?:ho chieu|passport)[^\n\x00]{0,30}?(?P<number>(?<![^\W_])[a-z][ .-]?(?:\d[ .-]?){6,7}\d)(?![^\W_])"
)


_VEHICLE_PART = re.compile(
    r"(?:so khung|so may|\bvin\b)(?: [a-z]{1,6}){0,3}?[^\w\x00]{1,3}(?:la[^\w\x00]{1,3})?"
    r"(?P<number>[a-z0-9][a-z0-9*-]{5,19})(?![^\W_])"
)
_FEWEST_IN_PART = 4


def _vehicle_parts(sheet: Sheet) -> Iterator[Found]:
    for match in _VEHICLE_PART.finditer(sheet.lower):
        if sum(map(str.isdecimal, match["number"])) >= _FEWEST_IN_PART:
            yield Found(*match.span("number"), "code")


def _insurance_numbers(sheet: Sheet) -> Iterator[Found]:
    for match in _INSURANCE.finditer(sheet.cased):
        yield Found(*match.span(), "insurance")


def _plates(sheet: Sheet) -> Iterator[Found]:
    for match in _PLATE.finditer(sheet.lower):
        if _is_plate(sheet, match):
            yield Found(*match.span(), "plate")


def _is_plate(sheet: Sheet, match: re.Match[str]) -> bool:
    if _VEHICLE.search(sheet.lower, max(0, match.start() - 30), match.start()):
        return True
    series, tail = match["series"], match["tail"]
    if sheet.lower[: match.start()][-4:] == "lop ":
        return False
    if series.isalpha() and _YEAR.fullmatch(tail):
        return False
    if " " in match["gap"] and (_YEAR.fullmatch(tail) or (series.isalpha() and len(series) > 1)):
        return False
    cased = sheet.cased[match.start("series") : match.end("series")]
    return cased != series or not series.isalpha() or (series not in _UNITS and len(tail) > len("2026"))


def _passports(sheet: Sheet) -> Iterator[Found]:
    for match in _PASSPORT_WORD.finditer(sheet.lower):
        yield Found(*match.span("number"), "passport")
    for match in _PASSPORT.finditer(sheet.cased):
        yield Found(*match.span(), "passport")


# --- birth dates ----------------------------------------------------------------------------------------------------

_SPOKEN_DATE = r"(?<!\d)\d{1,2} thang \d{1,2} nam \d{4}(?!\d)"
_SHORT_DATE = (
    r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)"
    r"|(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d(?!\d)"
)
_BORN = re.compile(
    r"(?<!khai )(?<!hoc )(?<!ve )(?<!thi )(?<!phat )(?<!ho )\b(?:sinh|sn|ns|dob)\b(?! (?:vien|trac|hoc|song|hoat))"
    rf"[^\n\x00]{{0,30}}?(?P<date>{DATE}|{_SPOKEN_DATE}|{_SHORT_DATE})"
)
_IS_BIRTHDAY = re.compile(rf"(?P<date>{DATE}|{_SPOKEN_DATE}) (?:la )?(?:ngay sinh|sinh nhat)")


def _birth_dates(sheet: Sheet) -> Iterator[Found]:
    for match in (*_BORN.finditer(sheet.digits), *_IS_BIRTHDAY.finditer(sheet.digits)):
        yield Found(*match.span("date"), "birth_date")


# --- digits in words ------------------------------------------------------------------------------------------------

_WORDS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5",
    "sau": "6", "bay": "7", "tam": "8", "chin": "9", "ko": "0", "linh": "0", "nham": "5",
}  # fmt: skip
_ITEM = rf"(?:{'|'.join(_WORDS)}|\d{{1,4}})(?![^\W_])"
_SPELLED = re.compile(rf"(?<![^\W_]){_ITEM}(?:[ ,./-]{{1,3}}{_ITEM})+")
_ONE = re.compile(r"[a-z]+|\d+")
_FEWEST_WORDS = 3


def _spelled_numbers(sheet: Sheet) -> Iterator[Found]:
    for match in _SPELLED.finditer(sheet.digits):
        items = _ONE.findall(match[0])
        words = sum(item in _WORDS for item in items)
        digits = "".join(_WORDS.get(item, item) for item in items)
        mostly = words >= _FEWEST_WORDS and words * 2 > len(items) and len(digits) >= LONG
        if mostly or (words > 1 and has_shape(digits)):
            yield Found(*match.span(), kind_of(digits, sheet.digits[: match.start()][-40:]))


# --- one-time codes and passwords -----------------------------------------------------------------------------------

_SECRET = re.compile(
    r"\botp\b|ma xac (?:nhan|thuc|minh)|\bpasscode\b|mat khau|\bmk\b|\bpass(?:word)?\b|\bpin\b"
    r"|ma bao mat|ma kich hoat|\bma \d (?:chu )?so\b"
)
_PASSWORD = re.compile(
    r"(?:mat khau|\bmk\b|\bpass(?:word|code)?\b)(?: [^\W\d_]{1,7}){0,4}? ?(?:\bla\b|:|=) ?(?P<code>[^\s\x00]{4,64})"
)
_CODE = re.compile(r"(?<!\d)(?<!\d[ ./-])\d(?:[ .-]?\d){3,7}(?![ .-]?\d)(?!/)")
_NOT_A_CODE = re.compile(rf" ?(?:phut|giay|so\b|chu so|ky tu|ki tu|lan\b|gio\b|nguoi|{CURRENCY})")
_PLAIN_MA = re.compile(r"\bma(?: so)?(?: nay)? ?(?:la|:)? ?(?P<code>\d{6}|\d{3} \d{3})(?![ .]?\d)")
_TYPED_PASSWORD = re.compile(
    r"(?:mat khau|\bmk\b|\bpass(?:word|code)?\b)(?: [a-z]{1,7}){0,3}? "
    r"(?P<code>(?=[^\s\x00]{6,32}(?![^\s\x00]))(?=[^\s\x00]{0,31}[a-z])[^\s\x00/]{0,29}\d{3}[^\s\x00/]{0,29})(?![^\s\x00])"
)
_GOOGLE_CODE = re.compile(r"(?<![^\W_])g-\d{6}(?!\d)")
_READ_OUT = re.compile(
    r"\b(?:doc|gui|nhap|dua|bam)(?: [a-z]{1,6}){0,3} (?:so|day so|ma) (?:la )?(?P<code>\d{3} ?\d{3})(?![ .,]?\d)"
    rf"(?<!000)(?! ?{CURRENCY})"
)
_FEWEST_SPELLED = 5
_DIRECT = re.compile(r"\W{0,3}(?:(?:la|so|moi|cu|cua toi|cua em) ?)?\W{0,3}")
_BEHIND, _BEFORE = 45, 24


def _codes(sheet: Sheet) -> Iterator[Found]:
    places = {match.span("code") for match in _PASSWORD.finditer(sheet.digits) if re.search(r"\d", match["code"])}
    places |= {match.span("code") for match in _PLAIN_MA.finditer(sheet.digits)}
    places |= {match.span("code") for match in _TYPED_PASSWORD.finditer(sheet.digits)}
    places |= {match.span("code") for match in _READ_OUT.finditer(sheet.digits)}
    places |= {match.span() for match in _GOOGLE_CODE.finditer(sheet.lower)}
    places |= set(_spelled_codes(sheet.digits))
    for secret in _SECRET.finditer(sheet.digits):
        places |= set(_codes_near(sheet.digits, secret))
    yield from (Found(start, end, "code") for start, end in places)


def _spelled_codes(text: str) -> Iterator[tuple[int, int]]:
    for match in _SPELLED.finditer(text):
        items = _ONE.findall(match[0])
        if len(items) >= _FEWEST_SPELLED and all(len(_WORDS.get(item, item)) == 1 for item in items):
            before = text[max(0, match.start() - _BEHIND) : match.start()]
            if _SECRET.search(before):
                yield match.span()


def _codes_near(text: str, secret: re.Match[str]) -> Iterator[tuple[int, int]]:
    for code in _CODE.finditer(text, max(0, secret.start() - _BEFORE), min(len(text), secret.end() + _BEHIND)):
        behind = code.start() >= secret.end()
        gap = text[secret.end() : code.start()] if behind else text[code.end() : secret.start()]
        if "\n\n" not in gap and _is_code(text, code, direct=_DIRECT.fullmatch(gap) is not None and behind):
            yield code.span()


def _is_code(text: str, code: re.Match[str], *, direct: bool) -> bool:
    before = text[: code.start()][-8:].rstrip()
    if count(code[0]) > LONG or _NOT_A_CODE.match(text, code.end()) or before.endswith(("nam", "/", "thang", "dieu")):
        return False
    return direct or not is_harmless(code[0])


# --- long numbers ---------------------------------------------------------------------------------------------------


def _numbers(sheet: Sheet) -> Iterator[Found]:
    for number in personal_numbers(sheet.digits):
        yield Found(number.start, number.end, number.kind)


_SHORT_ACCOUNT = re.compile(
    r"(?:\bstk\b|so (?:tai khoan|tk)\b)(?: [a-z]{1,11}){0,3}? ?(?:la\b|:)? ?(?P<number>\d{5,7})"
    rf"(?![ .,]?\d)(?! ?{CURRENCY})"
)


def _broken_numbers(sheet: Sheet) -> Iterator[Found]:
    for number in broken_numbers(sheet.digits):
        yield Found(number.start, number.end, number.kind)


def _short_accounts(sheet: Sheet) -> Iterator[Found]:
    for match in _SHORT_ACCOUNT.finditer(sheet.digits):
        yield Found(*match.span("number"), "account")


# --- addresses and names (best effort) ------------------------------------------------------------------------------

_PART = r"(?:ngo|ngach|hem|kiet|duong|pho|xom|thon|khoi|ban|to dan pho|to|phuong|xa|thi tran|huyen|tinh|tp|thanh pho)"
_ADDRESS = re.compile(
    r"(?:dia chi|noi thuong tru|noi o)"
    r"(?: (?:nha|thuong tru|tam tru|cua|toi|em|minh|tui|chau|nay|hien nay|hien tai)){0,4}"
    r" ?(?::|-|\bla\b|\bo\b|\btai\b)? ?(?P<place>[^\n\x00;?!]{4,90})"
)
_LANE = r"(?:ngo|ngach|hem|kiet|duong)"
_HOUSE = re.compile(
    rf"(?:so nha|nha so|\b(?:nha|toi|tui|em|minh|chau)(?: [a-z]{{2,5}}){{0,2}} (?:o|tai) so"
    rf"|\bo so(?= [^ ]+ {_LANE} )|\bnha(?= \d+ {_LANE} ))"
    rf" ?:? ?(?P<place>\d+ ?[a-z]?(?![^\W_])(?:/\d+[a-z]?)*"
    rf"(?:[ ,]{{1,3}}{_PART}(?: (?!{_PART}\b)[^\W_]+){{1,3}})*)"
)
_HAS_PLACE = re.compile(rf"\b{_PART}\b|\d")
_ASKS = re.compile(
    r"\b(?:dau|nao|gi|the nao|khong|sai|tu|sang|moi|website|trang|web|vneid|cong an|uy ban|ubnd|trung tam)\b"
)
_ADDRESS_ENDS = re.compile(
    r"\.(?: |$)|(?<!binh)(?<! chi)[, ]+minh\b"
    r"|[, ]+(?:toi|em|tui|chau|con|muon|xin|can|cho|hoi|sdt|so dien thoai|cccd|nho|lam)\b"
)

_SELF = r"(?:toi|tui|em|minh|chau|con|anh|chi|bac|chu|co|ong|ba|me|bo|cha|vo|chong|be|tau|ho)"
_NAMED = re.compile(
    rf"(?:\b(?:ho (?:va )?)?ten(?: (?:day du|cua|{_SELF})){{0,3}} ?(?P<sure>:)"
    rf"|\b{_SELF}(?: {_SELF})? (?:ho )?ten (?:la )?"
    rf"|\bten (?:cua )?{_SELF}(?: {_SELF})? la ?:?|\b(?P<weak>(?:toi|tui|em|minh|chau) la|ho va ten)(?= )) ?"
    rf"(?P<name>[^\W\d_]+(?: [^\W\d_]+){{0,5}})"
)
_SURNAMES = _words("""
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly cao dinh truong ha thai
    chu luu trinh dau phung mai to quach ta lo vi lu luong cu phu che hua doan tong van tang bach
    kieu lam nghiem mac au giang nong
""")
_NOT_NAMES = _words("""
    gi sai ai bi khong nao chi cua trong tren muon hoi xin can sinh so cho que nam la va toi em tui
    minh da dang lam nha dia sdt cccd o tu thi ma nhu duoc co chua bao hay hoac voi tai de theo khac
    dung cu moi nguoi dan cong an ong ba con chau cha me ben viec neu
""")
_MIDDLE = frozenset({"van", "thi", "thu", "huu", "duc", "ngoc"})
_LONGEST_NAME = 5
_CAPITALS = re.compile(
    r"(?<![^\W_])[A-Z][a-z]+(?: [A-Z][a-z]+){2,4}(?![^\W_])|(?<![^\W_])[A-Z]{2,}(?: [A-Z]{2,}){2,4}(?![^\W_])"
)
_KIN = re.compile(rf"\b{_SELF}(?: (?:trai|gai|toi|em|minh|tui|ten)){{0,2}}:? ")
_NAMED_PLACE = re.compile(r"(?:duong|pho|truong|thpt|thcs|tieu hoc|mam non|benh vien|phuong|xa|cho|cau|tuong|\d|,) ?$")
_NOT_GIVEN = frozenset({"xa", "tran", "hanh", "truong"})
_NOT_BEHIND_MARK = (_NOT_NAMES - {"an"}) | _NOT_GIVEN
_MARKS = frozenset({"van", "thi"})


def _addresses(sheet: Sheet) -> Iterator[Found]:
    for match in (*_HOUSE.finditer(sheet.digits), *_ADDRESS.finditer(sheet.digits)):
        start, end = match.start("place"), _end_of_address(match)
        if end > start and (match.re is _HOUSE or _is_address(sheet.digits[start:end])):
            yield Found(start, end, "address")


def _end_of_address(match: re.Match[str]) -> int:
    start, place = match.start("place"), match["place"]
    stop = _ADDRESS_ENDS.search(place)
    return start + len((place[: stop.start()] if stop else place).rstrip(" ,.-"))


def _is_address(place: str) -> bool:
    return _HAS_PLACE.search(place) is not None and _ASKS.search(place) is None and BARRIER not in place


def _names(sheet: Sheet) -> Iterator[Found]:
    for match in _NAMED.finditer(sheet.lower):
        start = match.start("name")
        cased = sheet.cased[start : match.end("name")].split(" ")
        name = _name_of(cased, weak=match["weak"] is not None)
        if name:
            yield Found(start, start + len(" ".join(name)), "name")


def _whole_names(sheet: Sheet) -> Iterator[Found]:
    """Find full names by surname and capitals: with Văn or Thị anywhere, others behind a word for a person."""
    for match in _CAPITALS.finditer(sheet.cased):
        words, start = match[0].split(" "), match.start()
        kin = False
        if _KIN.fullmatch(f"{words[0].lower()} "):
            start, kin = start + len(words[0]) + 1, True
            words = words[1:]
        before = sheet.lower[max(0, start - 24) : start]
        kin = kin or any(m.end() == len(before) for m in _KIN.finditer(before))
        if _is_whole_name([word.lower() for word in words], kin=kin) and not _NAMED_PLACE.search(before):
            yield Found(start, match.end(), "name")


def _is_whole_name(words: list[str], *, kin: bool) -> bool:
    if len(words) < 3 or words[0] not in _SURNAMES or words[2] in _NOT_GIVEN or words[:3] == ["ho", "chi", "minh"]:  # noqa: PLR2004 - surname, middle, given
        return False
    return kin or words[1] in _MARKS


def _name_of(words: list[str], *, weak: bool) -> list[str]:
    first = words[0]
    capital = first[0].isupper() and not first.isupper()
    if first.lower() in _NOT_NAMES and not (capital and len(words) > 1 and words[1][0].isupper()):
        return []
    shouted = first.isupper() and len(first) > 1
    known = first.lower() in _SURNAMES
    folded = [word.lower() for word in words]
    marked = known and len(words) > 2 and folded[1] in _MARKS and folded[2] not in _NOT_BEHIND_MARK  # noqa: PLR2004 - surname, Văn or Thị, given
    if (
        weak
        and not marked
        and not (known and len(words) > 1 and (words[1][0].isupper() or (capital and words[1] in _MIDDLE)))
    ):
        return []
    if (capital or shouted) and not (known and words[1:2] and words[1] in _MIDDLE):
        return _while(words, lambda word: word[0].isupper())[:_LONGEST_NAME]
    if not known:
        return [first]
    sure = 3 if words[1:2] and words[1].lower() in _MIDDLE else 1
    return [*words[:sure], *_while(words[sure:], lambda word: word.lower() not in _NOT_NAMES)][:4]


def _while(words: list[str], keep: Callable[[str], bool]) -> list[str]:
    stop = next((i for i, word in enumerate(words) if not keep(word)), len(words))
    return words[:stop]


RULES: tuple[Rule, ...] = (
    _lone_code, _spoken_emails, _emails, _profiles, _vehicle_parts, _insurance_numbers, _plates, _passports,
    _birth_dates, _spelled_numbers, _codes, _numbers, _broken_numbers, _short_accounts, _addresses, _names,
    _whole_names,
)  # fmt: skip
"""What is looked for, in this order: the surest first, for what one rule masks the next does not see."""
