"""Check a call against the Bot API: its distilled description and `rules`.

The description is compiled once, at the first use, into one function per type.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from tests.telegram.breach import Breach, Report
from tests.telegram.distil import DISTILLED
from tests.telegram.rules import METHOD_RULES, TYPE_RULES, Rule, caption

Params = dict[str, Any]
Check = Callable[[Any, str, Report], None]
Decode = Callable[[str], Any]

_ARRAY = "Array of "
_INTEGER = re.compile(r"-?\d{1,19}")
_BOOLEANS = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
    "": False,
}


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Reading:
    """A call as understood: the method's right name, parsed parameters, breaches."""

    method: str
    params: Params
    breaches: list[Breach] = field(default_factory=list)
    known: bool = True

    @property
    def answer(self) -> str | None:
        """Give the description of the 400 Telegram answers with, if it does."""
        return next((b.answer for b in self.breaches if b.answer), None)


@dataclass(frozen=True)
class Shape:
    """The fields of a method or of a type, compiled."""

    name: str
    checks: dict[str, Check]
    decoders: dict[str, Decode]
    required: frozenset[str]
    always: dict[str, str]
    rules: tuple[Rule, ...]

    def unlike(self, values: Params) -> int:
        """Count what would have to change for the values to be of this type."""
        constants: int = sum(values.get(k) != v for k, v in self.always.items())
        return 100 * constants + len(values.keys() - self.checks.keys()) + len(self.required - values.keys())


def check(method: str, params: Mapping[str, Any]) -> list[Breach]:
    """List what is wrong with a call, its parameters as Telegram gets them."""
    return contract().read(method, params).breaches


@cache
def contract() -> "Contract":
    """Load the distilled description that lies next to this module."""
    return Contract(json.loads(DISTILLED.read_text(encoding="utf-8")))


class Contract:
    """The Bot API's description, compiled."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.version: str = description["version"]
        self._methods: Params = description["methods"]
        self._types: Params = description["types"]
        self._shapes: dict[str, Shape] = {}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name.lower(): name for name in self._methods}

    def read(self, method: str, raw: Mapping[str, Any]) -> Reading:
        """Parse and check a call; a method's name may come in any case."""
        name = self._names.get(method.lower())
        if name is None:
            breach = Breach(method, "", "is not a method of the Bot API", "Not Found")
            return Reading(method, dict(raw), [breach], known=False)
        shape = self._method(name)
        decoders = shape.decoders
        params = {
            key: decoders[key](value) if isinstance(value, str) and key in decoders else value
            for key, value in raw.items()
        }
        report = Report(name)
        _check_call(shape, params, report)
        return Reading(name, params, report.breaches)

    def read_update(self, update: Params) -> list[Breach]:
        """Check what the bot is to get."""
        report = Report("Update")
        _check_object(self._type("Update"), update, "update", report)
        return report.breaches

    def updates(self) -> tuple[Params, Params]:
        """Give the descriptions of `Update`, and of all types it may be made of."""
        return self._types["Update"], self._types

    def _method(self, name: str) -> Shape:
        if (shape := self._shapes.get(name)) is None:
            shape = self._compile(name, self._methods[name], METHOD_RULES)
            self._shapes[name] = shape
        return shape

    def _type(self, name: str) -> Shape:
        if (shape := self._shapes.get(name)) is None:
            shape = self._compile(name, self._types[name], TYPE_RULES)
            self._shapes[name] = shape
        return shape

    def _compile(self, name: str, described: Mapping[str, Any], rules: Mapping[str, Any]) -> Shape:
        fields = described.get("required", {}) | described.get("optional", {})
        captions = (caption,) if "caption" in fields else ()
        return Shape(
            name,
            {key: self._check_of(spec) for key, spec in fields.items()},
            {key: self._decoder_of(spec) for key, spec in fields.items()},
            frozenset(described.get("required", {})),
            described.get("always", {}),
            (*rules.get(name, ()), *captions),
        )

    def _decoder_of(self, spec: str) -> Decode:
        """Tell how a parameter of the form's text becomes a value."""
        options = set(spec.split("|"))
        if "Integer" in options:
            return _integer
        if "String" in options or "InputFile" in options:
            return str
        return {"Boolean": _boolean, "Float": _float}.get(spec, _parsed)

    def _check_of(self, spec: str) -> Check:
        options = spec.split("|")
        arrays = [o.removeprefix(_ARRAY) for o in options if o.startswith(_ARRAY)]
        kinds = _json_types(options)
        objects = [o for o in options if o in self._types and o != "InputFile"]
        of_item = self._check_of("|".join(arrays)) if arrays else None

        def check_value(value: Any, where: str, report: Report) -> None:
            kind = type(value)
            if kind in kinds:
                return
            if kind is list and of_item:
                for index, item in enumerate(value):
                    of_item(item, f"{where}[{index}]", report)
            elif kind is dict and objects:
                _check_object(self._likest(objects, value), value, where, report)
            else:
                _report_type(value, spec, where, report)

        return check_value

    def _likest(self, names: list[str], value: Params) -> Shape:
        """Choose the type a value is meant to be, by its constants and fields."""
        shapes = [self._type(each) for name in names for each in self._flat(name)]
        if len(shapes) == 1:
            return shapes[0]
        return min(shapes, key=lambda shape: shape.unlike(value))

    def _flat(self, name: str) -> list[str]:
        options: list[str] | None = self._types[name].get("one_of")
        if options is None:
            return [name]
        return [flat for option in options for flat in self._flat(option)]


def _json_types(options: list[str]) -> set[type]:
    kinds: dict[str, set[type]] = {
        "Integer": {int},
        "String": {str},
        "Boolean": {bool},
        "Float": {int, float},
        "InputFile": {Upload},
    }
    return {kind for option in options for kind in kinds.get(option, set())}


def _check_call(shape: Shape, params: Params, report: Report) -> None:
    for key in shape.required:
        if params.get(key) in (None, ""):
            report.add(key, "is missing", _missing(key))
    for key, value in params.items():
        if of_value := shape.checks.get(key):
            of_value(value, key, report)
        elif not _attached(key, params):
            report.add(key, f"is not a parameter of {shape.name}")
    for rule in shape.rules:
        rule(params, "", report)


def _missing(key: str) -> str:
    return "message text is empty" if key == "text" else f"{key} is empty"


def _attached(key: str, params: Params) -> bool:
    if not isinstance(params[key], Upload):
        return False
    return any(f"attach://{key}" in str(v) for k, v in params.items() if k != key)


def _check_object(shape: Shape, value: Params, where: str, report: Report) -> None:
    for key, inner in value.items():
        if of_value := shape.checks.get(key):
            of_value(inner, f"{where}.{key}", report)
        else:
            report.add(f"{where}.{key}", f"is not a field of {shape.name}")
    for key in shape.required - value.keys():
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", shape.name).lower()
        answer = f"can't parse {words}: Can't find field \"{key}\""
        report.add(f"{where}.{key}", f"is missing in {shape.name}", answer)
    for key, expected in shape.always.items():
        if value.get(key) != expected:
            words = f"is {value.get(key)!r}, {shape.name} has {expected!r}"
            report.add(f"{where}.{key}", words, f"can't parse {where}: wrong {key}")
    for rule in shape.rules:
        rule(value, where, report)


def _report_type(value: Any, spec: str, where: str, report: Report) -> None:
    expected = spec.replace("|", " or ")
    field_name = where.rpartition(".")[2]
    answer = f'can\'t parse {where}: Field "{field_name}" must be of type {expected}'
    if "." not in where and spec in {"Integer", "Boolean", "Float"}:
        # Telegram reads what is no number as 0 and what is no truth as false.
        report.add(where, f"is {value!r}, not {expected}")
    elif value is not None or "." in where:
        report.add(where, f"is {type(value).__name__}, not {expected}", answer)


def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _boolean(text: str) -> bool | str:
    return _BOOLEANS.get(text.lower(), text)


def _float(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
