"""Whatever is noted in the log has words on its page, and no words are left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

from faq.models import PublicationState
from faq.notices import NoticeKind
from stats.inbox_deciding import ACTS as OF_INBOX
from web.acts import DETAILS, WORDS

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "dialogue", "faq", "nlu", "service", "stats", "web")
ACT = 2
"""Where it stands among the arguments of `note`."""
COMPUTED = {
    "f'{kind}.set'": {f"{kind}.set" for kind in NoticeKind},
    "f'publication.{state}'": {f"publication.{s}" for s in (PublicationState.REFUSED, PublicationState.FAILED)},
    "ACTS[choice.decision]": set(OF_INBOX.values()),
}
"""What an act can be that is not written out where it is noted."""
HANDED_ON = {"_end": ACT, "_go_on": ACT}
"""Functions that note the act they are given."""


def noted() -> Iterator[tuple[str, ast.expr]]:
    """Yield where an act is noted, and how it is written there."""
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in {"note", *HANDED_ON} and len(call.args) > HANDED_ON.get(name, ACT):
                yield f"{path.relative_to(ROOT)}:{call.lineno}", call.args[ACT]


def acts() -> dict[str, str]:
    """Return where each act is noted."""
    found: dict[str, str] = {}
    for where, act in noted():
        if isinstance(act, ast.Constant):
            found[str(act.value)] = where
        elif not isinstance(act, ast.Name):  # a name is what a function was given: see `HANDED_ON`
            found |= dict.fromkeys(COMPUTED[ast.unparse(act)], where)
    return found


def test_every_act_that_is_noted_has_words() -> None:
    assert {act: where for act, where in acts().items() if act not in WORDS} == {}


def test_every_detail_that_is_noted_has_a_name() -> None:
    names = {
        word.arg
        for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        if ast.unparse(call.func).rpartition(".")[2] == "note" and len(call.args) > ACT
        for word in call.keywords
        if word.arg
    }

    assert names - {"now"} - set(DETAILS) == set()


def test_all_words_are_of_acts_that_are_noted() -> None:
    assert set(WORDS) - set(acts()) == set()
