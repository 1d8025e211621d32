"""What is wrong with the FAQ, said so that a person can find and mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: which file, which entry, which field, and why."""

    file: str
    entry: str
    field: str
    why: str
    serious: bool = True

    def __str__(self) -> str:
        """One line in Vietnamese, as staff see it."""
        mark = "LỖI" if self.serious else "lưu ý"
        where = " · ".join(part for part in (self.file, self.entry, self.field) if part)
        return f"[{mark}] {where}: {self.why}"


class BrokenContentError(Exception):
    """The files cannot be read as a FAQ; carries every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
