"""Which number helps first: a message about a fire gets 114 before anything else is read.

Whoever is in danger reads one line. Only messages that are understood as emergencies are looked at here, so a word
that may mean something else ("chay": fire, run) may be taken in its worst sense; all numbers follow anyway.
"""

import re
from collections.abc import Mapping

POLICE, FIRE, AMBULANCE = "113", "114", "115"
_CUES: Mapping[str, str] = {
    FIRE: r"(?<!mau )chay(?! (?:mau|xe|tron|theo|vao|ra|di|thoat|den|toi|ve|mat))|hoa hoan|phat hoa|boc lua|bat lua"
    r"|lua (?:boc|chay|lan|to|len|bung|rung|lon|trum|tat)|khoi (?:den|mu|boc|nghi ngut|lan|day|bay)"
    r"|no (?:binh|ga|gas|bom|lon|to)|bi no|(?:ro ri|xi|ho|mui|binh) (?:ga|gas)|(?:ga|gas) xi|duoi nuoc|chet duoi|chim"
    r"|(?:nuoc|lu|song) (?:cuon|keo|danh|rut|tran)|cuon troi|troi (?:dat|ngoai)|lat (?:ghe|thuyen|tau)|up roi"
    r"|(?:ghe|tau|thuyen) (?:\w+ ){0,4}(?:hong may|may hong|mat lien lac)"
    r"|mac ket|ket (?:trong|thang|tang)|vui lap|sap (?:nha|tuong|ham)|gian giao sap",
    AMBULANCE: r"tai nan|bi thuong|chay mau|mat mau|mau phun|phun mau|dot quy|tai bien|meo (?:mieng|mat)|liet nua"
    r"|ngat|xiu|bat tinh|bat dong|hon me|(?:kho|khong|ngung|ngat) tho|co giat|hoc (?:xuong|di|thuc)|tim tai|that nguc"
    r"|ngo doc|qua lieu|(?:uong|nuot) nham|thuoc (?:sau|tru|chuot|diet)|(?:vi|lo) thuoc|cap cuu|nhoi mau|dau tim"
    r"|gay (?:tay|chan|xuong|co)|bi bong|bong (?:nang|nuoc|lua)|dien giat|giat dien|ran can|nga quy"
    r"|nga (?:cau thang|tu|trong)|(?:xe|oto|o to) (?:\w+ )?(?:dam|tong|dung|huc)|sap sinh|de roi|sinh roi|dau bung de"
    r"|vo oi|chuyen da",
    POLICE: r"(?:bi|dang|no|vo|chong|hang xom|nguoi ta) danh|danh (?:toi|em|vo|con|dap|me|bo|chau|nguoi|nhau|chet)"
    r"|dang dap|cuop|giat (?:tui|day chuyen|do|dien thoai|vong|tien)|trom|an cap|moc tui|pha khoa"
    r"|(?:cam|con|bang|rut|vung|vac) (?:dao|sung|ma tau|kiem|gay)|dao (?:duoi|doi|chem|phay)|ma tau"
    r"|chem|bi dam|dam (?:chet|nguoi|toi|nhau)|no sung|bat coc|bat di roi|bop co|sam so|bi (?:giam|xich)"
    r"|de doa|doa (?:giet|danh|chem)|giet|hiep|xam hai|dam o"
    r"|hanh hung|bao hanh|bao luc|xo xat|au da|dot nhap|pha cua|dap (?:cua|pha)"
    r"|bi lua|lua (?:dao|het)|duoi (?:theo|danh)",
}
"""By number, what is said of the danger, in words without accents."""
_DESPAIR = re.compile(
    r"\b(?:(?:khong|ko|k|chang|no|het) (?:con )?(?:muon|thiet) song|muon chet|chet quach|doi chet|tu tu|tu sat|tu van"
    r"|treo co|(?:cat|rach) (?:co )?tay|chan (?:doi|song)|nhay (?:cau|lau|song|xuong bien)"
    r"|song (?:lam|chi) (?:gi|chi|cho)"
    r"|(?:thu )?tuyet menh|vinh biet|tu biet|trang troi|nghi quan|lam lieu|kiep sau|xuoi tay)\b"
)


def in_despair(words: list[str]) -> bool:
    """Whether somebody (folded words) does not want to live on."""
    return _DESPAIR.search(" ".join(words)) is not None


def numbers_for(words: list[str]) -> tuple[str, ...]:
    """Return the numbers to call, in the order in which a message (its words without accents) names the dangers."""
    text = " ".join(words)
    found = {number: re.search(rf"\b(?:{cues})\b", text) for number, cues in _CUES.items()}
    places = {number: match.start() for number, match in found.items() if match is not None}
    return tuple(sorted(places, key=lambda number: places[number]))
