"""Make `bot_api.json` out of the full machine-readable Bot API description.

Run `python -m tests.telegram.distil <path>` when Telegram publishes a new version;
nothing else reads the full description.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DISTILLED = Path(__file__).with_name("bot_api.json")
_CONSTANT = re.compile(r'(?:must be|always) "?([a-z0-9_]+)"?$')
_ARRAY = "Array of "
UPDATE = "Update"


def distil(description: Json) -> Json:
    """Keep the names, types and required fields of what a bot may send and get."""
    methods = {name: _fields(method.get("fields", [])) for name, method in sorted(description["methods"].items())}
    types = description["types"]
    return {
        "version": description["version"].removeprefix("Bot API "),
        "released": description["release_date"],
        "methods": methods,
        "types": {name: _type(types[name]) for name in _reached(description)},
    }


def _fields(fields: list[Json]) -> Json:
    """Say `{"required": {name: types}, "optional": {name: types}}`, none if empty."""
    kept: Json = {}
    for field in fields:
        group = kept.setdefault("required" if field["required"] else "optional", {})
        group[field["name"]] = "|".join(field["types"])
    return kept


def _type(described: Json) -> Json:
    if "subtypes" in described:
        return {"one_of": described["subtypes"]}
    fields = described.get("fields", [])
    constants = {
        field["name"]: found[1]
        for field in fields
        if field["required"] and (found := _CONSTANT.search(field["description"]))
    }
    return _fields(fields) | ({"always": constants} if constants else {})


def _reached(description: Json) -> list[str]:
    """List the types that the parameters of some method, or updates, are made of."""
    types = description["types"]
    waiting = [*_mentioned(description["methods"].values()), UPDATE]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop().removeprefix(_ARRAY)
        if name.startswith(_ARRAY):
            waiting.append(name)
        elif name in types and name not in reached:
            reached.add(name)
            waiting += _mentioned([types[name]])
    return sorted(reached)


def _mentioned(described: Iterable[Json]) -> Iterator[str]:
    for item in described:
        yield from item.get("subtypes", [])
        for field in item.get("fields", []):
            yield from field["types"]


def main() -> None:
    """Distil the description at the path given on the command line."""
    full = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(distil(full), indent=1, ensure_ascii=False)
    DISTILLED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
