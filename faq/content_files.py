"""The FAQ as files (`faq/content/*.yml`): read with every fault named, written back unchanged.

A file a topic; beside them `topics.yml`, `place.yml`, `laws.yml`, `ngoai-pham-vi.yml`, `milestones.yml`,
`short-forms.yml`, `visits.yml` and `checks/`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from faq.entries import (
    CheckSentence,
    Document,
    Entry,
    Faq,
    Milestone,
    OutsideGroup,
    Place,
    ShortForm,
    Taxonomy,
)
from faq.problems import BrokenContentError, Problem
from faq.sheets import in_order
from faq.visits import Visit

SHIPPED = Path(__file__).parent / "content"
TOPICS, PLACE, LAWS, OUTSIDE = "topics.yml", "place.yml", "laws.yml", "ngoai-pham-vi.yml"
MILESTONES, SHORT_FORMS, VISITS = "milestones.yml", "short-forms.yml", "visits.yml"
SHEETS = frozenset({TOPICS, PLACE, LAWS, OUTSIDE, MILESTONES, SHORT_FORMS, VISITS})

Model = TypeVar("Model", bound=BaseModel)

_WHY = {
    "missing": "thiếu, bắt buộc phải có",
    "extra_forbidden": "không có trường nào tên như vậy",
    "string_too_long": "dài quá {max_length} ký tự",
    "string_too_short": "để trống",
    "string_pattern_mismatch": "sai dạng",
    "too_short": "cần ít nhất {min_length} mục, mới có {actual_length}",
    "too_long": "nhiều nhất {max_length} mục, đang có {actual_length}",
    "string_type": "phải là chữ (hãy đặt trong dấu ngoặc kép)",
    "date_from_datetime_parsing": "phải là ngày dạng 2026-11-22",
    "date_parsing": "phải là ngày dạng 2026-11-22",
    "date_type": "phải là ngày dạng 2026-11-22",
    "date_from_datetime_inexact": "phải là ngày dạng 2026-11-22, không kèm giờ",
    "literal_error": "phải là một trong: {expected}",
    "bool_parsing": "phải là true hoặc false",
    "bool_type": "phải là true hoặc false",
    "tuple_type": "phải là một danh sách",
    "dict_type": "phải là một nhóm trường",
    "model_type": "phải là một nhóm trường",
}


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads the FAQ ten times as fast, where PyYAML was built with it."""


class _Dumper(yaml.SafeDumper):
    """Writes every text so that it comes back; PyYAML alone turns U+0085 into the end of a line."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\x85" in text else None),
)


class ContentFiles:
    """A folder of content files."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.folder = folder
        self._problems: list[Problem] = []

    def read(self) -> Faq:
        """Return the FAQ of the folder; raise `BrokenContentError` naming every fault of form."""
        self._problems = []
        faq: dict[str, Any] = {
            "taxonomy": self._sheet(TOPICS, Taxonomy),
            "place": self._sheet(PLACE, Place),
            "documents": tuple(self._items(LAWS, "documents", Document)),
            "outside": tuple(self._items(OUTSIDE, "groups", OutsideGroup)),
            "milestones": tuple(self._items(MILESTONES, "milestones", Milestone)),
            "short_forms": tuple(self._items(SHORT_FORMS, "short_forms", ShortForm)),
            "visits": tuple(self._items(VISITS, "visits", Visit)),
            "entries": tuple(entry for path in self.topic_files() for entry in self._entries(path)),
        }
        if self._problems:
            raise BrokenContentError(tuple(self._problems))
        taxonomy = faq["taxonomy"]
        return Faq.model_construct(**{**faq, "entries": in_order(faq["entries"], taxonomy)})

    def check_sentences(self) -> tuple[CheckSentence, ...]:
        """Return the sentences of `checks/`; raise `BrokenContentError` naming every fault of form."""
        self._problems = []
        found = tuple(
            sentence for path in sorted((self.folder / "checks").glob("*.yml")) for sentence in self._checks(path)
        )
        if self._problems:
            raise BrokenContentError(tuple(self._problems))
        return found

    def topic_files(self) -> list[Path]:
        """Return the files that hold entries, in the order of their names."""
        return sorted(p for p in self.folder.glob("*.yml") if p.name not in SHEETS)

    def write(self, faq: Faq) -> None:
        """Write `faq` so that reading it again gives the same; other YAML files of a strange folder stay."""
        self.folder.mkdir(parents=True, exist_ok=True)
        outdated = self.topic_files() if (self.folder / TOPICS).exists() else []
        self._dump(TOPICS, _plain(faq.taxonomy))
        self._dump(PLACE, _plain(faq.place))
        self._dump(LAWS, {"documents": [_plain(d) for d in faq.documents]})
        self._dump(OUTSIDE, {"groups": [_plain(g) for g in faq.outside]})
        self._dump(MILESTONES, {"milestones": [_plain(m) for m in faq.milestones]})
        self._dump(SHORT_FORMS, {"short_forms": [_plain(s) for s in faq.short_forms]})
        self._dump(VISITS, {"visits": [_plain(v) for v in faq.visits]})
        topics = dict.fromkeys(entry.topic for entry in faq.entries)
        for topic in topics:
            entries = [_plain(e) for e in faq.entries if e.topic == topic]
            self._dump(f"{topic}.yml", {"topic": topic, "entries": entries})
        for path in outdated:
            if path.stem not in topics:
                path.unlink()

    def _dump(self, name: str, data: object) -> None:
        text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
        (self.folder / name).write_text(text, encoding="utf-8")

    def _load(self, path: Path) -> Any:
        name = str(path.relative_to(self.folder))
        try:
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, the quicker one
        except FileNotFoundError:
            self._problems.append(Problem(name, "", "", "thiếu tệp này"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f"dòng {mark.line + 1}" if mark else ""
            why = getattr(error, "problem", None) or "không phải UTF-8"
            self._problems.append(Problem(name, "", where, f"không đọc được YAML ({why})"))
        except (ValueError, RecursionError) as error:
            # YAML makes dates by itself, and 2026-02-30 is none; nor can it hold a thousand brackets.
            why = "có ngày không có thật" if isinstance(error, ValueError) else "lồng nhau quá sâu"
            self._problems.append(Problem(name, "", "", f"không đọc được YAML ({why})"))
        else:
            if data is None:
                self._problems.append(Problem(name, "", "", "tệp trống"))
            return data
        return None

    def _checks(self, path: Path) -> Iterator[CheckSentence]:
        data = self._load(path)
        if data is not None:
            yield from self._list(f"checks/{path.name}", data, CheckSentence)

    def _sheet(self, name: str, model: type[Model]) -> Model | None:
        data = self._load(self.folder / name)
        return self._validated(name, "", data, model) if data is not None else None

    def _items(self, name: str, field: str, model: type[Model]) -> Iterator[Model]:
        data = self._load(self.folder / name)
        if data is None:
            return
        if not isinstance(data, Mapping) or not isinstance(data.get(field), list):
            self._problems.append(Problem(name, "", field, "phải là một danh sách"))
            return
        yield from self._list(name, data[field], model)

    def _entries(self, path: Path) -> Iterator[Entry]:
        data = self._load(path)
        if data is None:
            return
        if not isinstance(data, Mapping) or data.get("topic") != path.stem:
            self._problems.append(Problem(path.name, "", "topic", f"phải là {path.stem}"))
            return
        yield from self._list(path.name, data.get("entries"), Entry)

    def _list(self, name: str, items: object, model: type[Model]) -> Iterator[Model]:
        if not isinstance(items, list):
            self._problems.append(Problem(name, "", "", "phải là một danh sách"))
            return
        for number, item in enumerate(items, start=1):
            validated = self._validated(name, _label(item, number), item, model)
            if validated is not None:
                yield validated

    def _validated(self, name: str, label: str, data: object, model: type[Model]) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self._problems.extend(problems_of(error, file=name, entry=label))
            return None


def problems_of(error: ValidationError, *, file: str, entry: str) -> Iterator[Problem]:
    """Turn a validation error into problems in Vietnamese, one a field."""
    for fault in error.errors():
        field = ".".join(str(part + 1 if isinstance(part, int) else part) for part in fault["loc"])
        why = _WHY.get(fault["type"], fault["msg"]).format(**fault.get("ctx", {}))
        yield Problem(file, entry, field, why.removeprefix("Value error, "))


def _label(item: object, number: int) -> str:
    if isinstance(item, Mapping):
        name = item.get("key") or item.get("id") or (item.get("short") if "means" in item else None)
        if isinstance(name, str):
            return name
    return f"mục thứ {number}"


def _plain(model: BaseModel) -> dict[str, Any]:
    """Return a model as plain YAML data, without what is empty anyway."""
    data = model.model_dump(mode="json", exclude_defaults=True)
    for name in ("checked_on", "review_by", "valid_until", "in_force_from", "in_force_until", "first_day"):
        if name in data:
            data[name] = getattr(model, name)
    return data
