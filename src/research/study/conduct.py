"""How a study was carried out and published: what readers must know and no data can tell.

The subjects follow CHERRIES (Eysenbach, 2004) and JARS-Quant (Appelbaum et al., 2018). Every one
may be left out; the report then says that it is not stated.
"""

from typing import Literal, Self, get_args

from pydantic import model_validator

from research.study.instrument import Bilingual, Strict

QuestionName = Literal["valued", "power", "clusters", "activities", "order", "organisations"]
QUESTIONS: tuple[str, ...] = get_args(QuestionName)


class Statement(Bilingual):
    """What was done, in both languages; with ``applies: false`` why there was nothing to do."""

    applies: bool = True


class Conduct(Strict):
    """A statement per subject, in the order in which the report shows them."""

    design: Statement | None = None  # kind of study, how often asked
    recruitment: Statement | None = None  # who was asked, how they were found and reached
    advertising: Statement | None = None  # where the survey was announced, in which words
    open_or_closed: Statement | None = None  # for everybody, or by invitation only
    mode: Statement | None = None  # web, e-mail or paper, and where it stood
    voluntary: Statement | None = None
    incentives: Statement | None = None
    consent: Statement | None = None  # what people were told, and how they agreed
    ethics: Statement | None = None  # which committee judged it
    data_protection: Statement | None = None  # what is stored, where, how long
    development: Statement | None = None  # how the questions were made and tried out
    translation: Statement | None = None
    form: Statement | None = None  # order, pages, skipping, changing an answer
    duplicates: Statement | None = None  # how answering twice was prevented or found
    visits: Statement | None = None  # whether visits were counted, and what share took part
    sample_size: Statement | None = None  # how many were wanted, and why
    funding: Statement | None = None  # and other interests
    data_access: Statement | None = None


class Questions(Strict):
    """What the study was made for; every question that stands in neither list is explored."""

    primary: tuple[QuestionName, ...] = ("valued", "power")
    secondary: tuple[QuestionName, ...] = ("clusters", "activities")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = self.primary + self.secondary
        if len(set(named)) != len(named):
            raise ValueError("a question stands twice")
        return self

    @property
    def exploratory(self) -> tuple[str, ...]:
        """Return the questions that nobody named beforehand."""
        return tuple(name for name in QUESTIONS if name not in self.primary + self.secondary)


class Deviation(Strict):
    """One departure from the plan; ``when`` is before or after the data were seen."""

    what: Bilingual
    why: Bilingual
    when: Literal["before", "after"]
    effect: Bilingual


class Publication(Strict):
    """Who answers for the report, and what others may do with it."""

    authors: tuple[str, ...] = ()
    year: int | None = None
    contact: Bilingual | None = None
    licence: Bilingual | None = None
