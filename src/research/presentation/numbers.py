"""Numbers as readers of Dutch and of English expect them. The only place that rounds."""

import math

from research.study.instrument import Language

SEPARATORS: dict[str, tuple[str, str]] = {"en": (",", "."), "nl": (".", ",")}
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def format_number(value: float, *, decimals: int, language: Language, signed: bool = False) -> str:
    """Number with grouped thousands and a real minus: nl 1.234,5, en 1,234.5.

    ``signed`` puts a plus before a positive number. What rounds to zero has no sign.
    """
    plain = f"{value:{'+' if signed else ''},.{decimals}f}"
    if not any(digit in "123456789" for digit in plain):
        plain = plain.lstrip("+-")
    group, point = SEPARATORS[language]
    return plain.translate({ord(","): group, ord("."): point, ord("-"): MINUS})


def format_p(value: float, *, language: Language) -> str:
    """P-value to three decimals, smaller ones as a bound: ``.030``, ``< .001``.

    English follows APA 7 (no leading zero), Dutch keeps the zero (``0,030``). A p above .999
    is ``> .999``: it is never exactly 1.
    """
    sign = "< " if value < 0.001 else "> " if value > 0.999 else ""
    shown = min(max(value, 0.001), 0.999)
    text = format_proportion(shown, decimals=3, language=language)
    return sign.replace(" ", NO_BREAK) + text


def format_p_equation(value: float, *, language: Language) -> str:
    """P-value for use inside a sentence: ``= .030``, ``< .001``."""
    text = format_p(value, language=language)
    return text if text[0] in "<>" else f"={NO_BREAK}{text}"


def format_proportion(value: float, *, decimals: int, language: Language) -> str:
    """Value that cannot pass 1 (alpha, a probability): en without, nl with leading zero."""
    text = format_number(value, decimals=decimals, language=language)
    if language == "en" and abs(value) < 1 and not text.startswith("1"):
        text = text.replace("0.", ".", 1)
    return text


def format_ratio(value: float, *, language: Language) -> str:
    """Ratio around 1 (odds ratio, Bayes factor): two decimals below ten, none above a hundred.

    Beyond a thousand, and below a thousandth, as a bound.
    """
    if value >= 1000 or value <= 0.001:
        bound = format_number(
            1000 if value > 1 else 0.001, decimals=0 if value > 1 else 3, language=language
        )
        return f"{'>' if value > 1 else '<'}{NO_BREAK}{bound}"
    decimals = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return format_number(value, decimals=decimals, language=language)


def format_share(value: float, *, language: Language, decimals: int = 0) -> str:
    """Share as a percentage, whole unless asked otherwise: 83 %."""
    return f"{format_number(value * 100, decimals=decimals, language=language)}{NO_BREAK}%"


def format_count(value: float, *, language: Language) -> str:
    """Whole number with grouped thousands."""
    return format_number(value, decimals=0, language=language)


def is_number(value: float) -> bool:
    """Whether there is a value to show."""
    return value is not None and math.isfinite(value)
