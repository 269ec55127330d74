"""The prose of a page, for tests on how it reads: sentences, and words that claim a cause."""

import re

from research.reporting.page_reader import PageReader

PROSE = ("p", "li", "dd")
# Verbs and phrases by which a description turns into an explanation; report.md, section 5.
CAUSAL = {
    "en": (
        "leads? to", "led to", "because of", "causes?", "caused", "causing", "results? in",
        "resulted in", "due to", "owing to", "thanks to", "brings? about", "gives? rise to",
        "affects?", "affected", r"influenc\w+", "impacts?", "improves?", "reduces?",
        "strengthens?", "weakens?", "drives?", "as a result of", "effect of", "explains? why",
    ),
    "nl": (
        "zorgt voor", "zorgen voor", "leidt tot", "leiden tot", r"veroorza\w+", "komt doordat",
        "komen doordat", "komt door", "komen door", "vanwege", "dankzij", "als gevolg van",
        "ten gevolge van", r"beïnvloed\w*", "invloed op", "verbetert", "verbeteren", "verlaagt",
        "verlagen", "versterkt", "verzwakt", "bewerkstelligt", "resulteert in", "effect van",
        "verklaart waarom", r"ontstaa\w+ doordat", "waardoor",
    ),
}  # fmt: skip


def causal_words(text: str, language: str) -> list[str]:
    """Words of a text that claim a cause."""
    return re.findall(rf"\b(?:{'|'.join(CAUSAL[language])})\b", text, re.IGNORECASE)


def prose_of(page: str) -> list[str]:
    """Paragraphs, list entries and definitions of the page's main part, outside tables."""
    return [
        " ".join(element.text.split())
        for element in PageReader(page).of(*PROSE)
        if "main" in element.around and "table" not in element.around and element.text.strip()
    ]


def sentence_lengths(paragraphs: list[str]) -> list[int]:
    """Number of words of every sentence; a decimal point or an initial ends none."""
    sentences = [
        sentence
        for paragraph in paragraphs
        for sentence in re.split(r"(?<=[.!?…])[”’)]*\s+(?=[“‘(]?[A-ZÀ-Ý\d])", paragraph)
    ]
    return [len(re.findall(r"\w[\w.,’'-]*", sentence)) for sentence in sentences if sentence]
