"""Lines of a YAML file in the making, with comments, and where a person must look."""

import json
import re
import textwrap
from dataclasses import dataclass, field

WIDTH = 96
# Texts that YAML would read as something else than text.
NO_TEXT = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
PLAIN = re.compile(r"[^\W\d_][\w.()/+-]*( [\w.()/+-]+)*")


@dataclass
class Draft:
    """Lines of a YAML file in the making; ``to_fill`` and ``to_check`` hold line and sentence."""

    lines: list[str] = field(default_factory=list)
    to_fill: list[tuple[int, str]] = field(default_factory=list)
    to_check: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: str, note: str = "", *, fill: str = "", check: str = "") -> None:
        """Add a line with a comment behind it, or above it where that would be too long."""
        indent = len(line) - len(line.lstrip())
        note = _on_one_line(note)
        if note and len(line) + len(note) > WIDTH:
            self.remark(note, indent)
            note = ""
        self.lines.append(f"{line} # {note}" if note else line)
        if fill:
            self.to_fill.append((len(self.lines), fill))
        if check:
            self.to_check.append((len(self.lines), check))

    def remark(self, text: str, indent: int = 0) -> None:
        """Add a comment on lines of its own."""
        mark = " " * indent + "# "
        self.lines += textwrap.wrap(
            _on_one_line(text),
            WIDTH,
            initial_indent=mark,
            subsequent_indent=mark,
            break_long_words=False,
            break_on_hyphens=False,
        )

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def quoted(text: str) -> str:
    """A text as YAML reads it back: plain where that is safe, else between double quotes."""
    if PLAIN.fullmatch(text) and text.isascii() and text.lower() not in NO_TEXT:
        return text
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in escaped
    )


def _on_one_line(text: str) -> str:
    """A comment without line breaks and without characters that YAML does not allow."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
