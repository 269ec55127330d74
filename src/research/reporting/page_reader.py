"""What stands in a finished page, gathered in one pass; the rules are in ``page_checks``."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Drawing elements may close themselves: <circle/>.
HIDDEN = frozenset({"style", "script", "title"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

Attributes = dict[str, str]


@dataclass
class Element:
    """One element: its attributes, the words within, the elements around it."""

    tag: str
    attributes: Attributes
    around: tuple[str, ...]
    within_class: str = ""
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


class PageReader(HTMLParser):
    """Elements of a page in order, its visible text, and tags that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.stack: list[Element] = []
        self.visible: list[str] = []
        self.unbalanced: list[str] = []
        self.doctype = ""
        self.feed(page)
        self.close()
        self.unbalanced += [f"<{element.tag}> is never closed" for element in self.stack]

    def of(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.visible).split())

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(
            tag,
            {key: value or "" for key, value in attrs},
            tuple(parent.tag for parent in self.stack),
            " ".join(parent.attributes.get("class", "") for parent in self.stack),
        )
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)
        elif tag == "br":  # parts words, as it does for the reader
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.stack and self.stack[-1].tag == tag:
            self.stack.pop()
        elif tag not in VOID:
            self.unbalanced.append(f"</{tag}> closes nothing")
            while any(element.tag == tag for element in self.stack):
                if self.stack.pop().tag == tag:
                    break

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.words.append(data)
        if not any(element.tag in HIDDEN for element in self.stack):
            self.visible.append(data)
