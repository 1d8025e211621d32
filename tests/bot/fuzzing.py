"""Hostile updates out of the Bot API's own description: right in shape, and then bent here and there."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.telegram.contract import contract

Json = dict[str, Any]

MARKER = "zxqmật"
"""Stands in everything a citizen says: no line of the log may hold it."""
KINDS = ("message", "edited_message", "callback_query", "inline_query")
"""What the bot asks for, more often than all else."""
DEEPEST = 5
_ARRAY = "Array of "
_HOSTILE_TEXTS = (
    "",
    "\x00",
    "\ud800",
    "{police} %s %(x)s {0}",
    "<b>&amp;</i>",
    "/start " + "x" * 70,
    "/menu@loopback_bot",
    "/menu@",
    "@loopback_bot",
    "\u202e\u200f" * 20,
    "a\u0323\u0302" * 300,
    "phí " * 1_100,
    "040099012345",
    "🐟" * 50,
    "e:dang-ky-tam-tru.le-phi",
    "d:99:dang-ky-tam-tru.le-phi",
    "l:xx",
    "m",
)
_NUMBERS = (0, 1, -1, 2**31, -(2**31), 2**53, -1_001_234_567_890, 2**63, 10**30)


class Fuzzer:
    """Makes updates; the same seed makes the same."""

    def __init__(self, seed: int, people: list[Json], chats: list[Json]) -> None:
        # No secret is made of it.
        self._chance = random.Random(seed)
        self._people = people
        self._chats = chats
        self._update, self._types = contract().updates()
        self._makers: dict[str, Callable[[], Any]] = {
            "Integer": self._number,
            "Float": lambda: self._chance.uniform(-200, 200),
            "Boolean": lambda: self._chance.random() < 0.5,
            "String": self._text,
            "True": lambda: True,
        }

    def updates(self, number: int) -> Iterator[Json]:
        """Yield so many."""
        for _ in range(number):
            yield self._bent({self._kind(): self._of_kind()})

    def _kind(self) -> str:
        if self._chance.random() < 0.7:
            self._now = self._chance.choice(KINDS)
        else:
            self._now = self._chance.choice([*self._update["optional"]])
        return self._now

    def _of_kind(self) -> Any:
        content = self._value(self._update["optional"][self._now], 0)
        if self._now in KINDS and isinstance(content, dict) and self._chance.random() < 0.6:
            content |= {"from": self._one_of(self._people)}
            if "message" in self._now:
                content |= {"chat": self._one_of(self._chats), "text": self._text()}
        return content

    def _value(self, spec: str, depth: int) -> Any:
        kind = self._chance.choice(spec.split("|"))
        if kind.startswith(_ARRAY):
            inner = kind.removeprefix(_ARRAY)
            return [self._value(inner, depth + 1) for _ in range(self._chance.choice((0, 1, 2)))]
        if kind == "Chat" and self._chance.random() < 0.5:
            return self._one_of(self._chats)
        if kind == "User" and self._chance.random() < 0.5:
            return self._one_of(self._people)
        return self._makers[kind]() if kind in self._makers else self._object(kind, depth)

    def _object(self, kind: str, depth: int) -> Any:
        described = self._types.get(kind, {})
        if "one_of" in described:
            return self._value("|".join(described["one_of"]), depth)
        fields = dict(described.get("required", {}))
        if depth < DEEPEST:
            optional = [*described.get("optional", {}).items()]
            fields |= dict(self._chance.sample(optional, min(len(optional), self._chance.randrange(4))))
        made = {name: self._value(spec, depth + 1) for name, spec in fields.items() if depth < 2 * DEEPEST}
        made |= {name: self._instant() for name in made if name.endswith("date") and self._chance.random() < 0.95}
        return made | described.get("always", {})

    def _one_of(self, known: list[Json]) -> Json:
        return copy.deepcopy(self._chance.choice(known))

    def _instant(self) -> int:
        return self._chance.choice((0, 1_700_000_000, 1_790_000_000))

    def _number(self) -> int:
        return self._chance.choice((*_NUMBERS, self._chance.randrange(10**9), 1_700_000_000))

    def _text(self) -> str:
        return f"{self._chance.choice(_HOSTILE_TEXTS)} {MARKER} phí {self._chance.randrange(100)}"[-4096:]

    def _bent(self, update: Json) -> Json:
        """Put something of the wrong kind somewhere, half of the time."""
        if self._chance.random() < 0.5:
            return update
        place: Any = update
        for _ in range(self._chance.randrange(1, 6)):
            inner = [value for value in _inside(place) if isinstance(value, dict | list) and value]
            if not inner:
                break
            place = self._chance.choice(inner)
        if place is not update:
            self._spoil(place)
        return update

    def _spoil(self, place: Any) -> None:
        wrong = self._chance.choice((None, [], {}, "", MARKER, -1, 1.5, True, [[]], {"x": MARKER}, 10**400, "\ud800"))
        key = self._chance.choice([*place] if isinstance(place, dict) else range(len(place)))
        if isinstance(place, dict) and self._chance.random() < 0.3:
            del place[key]
        else:
            place[key] = wrong


def _inside(place: Any) -> list[Any]:
    return list(place.values()) if isinstance(place, dict) else list(place)
