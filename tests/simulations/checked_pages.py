"""Generated organisations: does every number of their pages fit, and is a wrong one found?

Studies of several organisations of any size and any spread, made with the program itself; every
page, in Dutch or in English, is read back. Then one number on each page is changed.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from research.analyses.report import organisation_results
from research.presentation.organisation_page import organisation_sections
from research.presentation.texts import Reader, catalogue
from research.reporting.checking.sources import known_of
from research.reporting.html_export import PageContext, render_page
from research.reporting.number_checks import NumberChecks, check_numbers
from research.study.answers import Answers
from tests.studies_made import made_answers

SEED = 20_260
PER_STUDY = 10
A_NUMBER = re.compile(r"(?<![\w.,])\d*[.,]?\d+(?![\w]|[.,]\d)")


def made_study(number: int) -> Answers:
    """Return a study of ten organisations; sizes, missing answers and gaps differ by study."""
    generator = np.random.default_rng([SEED, number])
    low = int(generator.integers(3, 30))
    return made_answers(
        seed=int(generator.integers(1, 2**31)),
        organisations=PER_STUDY,
        customers_per_organisation=(low, low + int(generator.integers(5, 250))),
        managers_per_organisation=(low // 2 + 2, low + int(generator.integers(5, 150))),
        organisation_gap_spread=float(generator.uniform(0, 0.6)),
        missing_share=float(generator.uniform(0, 0.3)),
    )


def page_of(results: pd.DataFrame, answers: Answers, language: str) -> tuple[str, NumberChecks]:
    """Return one organisation's page and what was found on it."""
    reader = Reader(study=answers.study, instrument=answers.instrument, language=language)
    words = {key: entry[language] for key, entry in catalogue().items()}
    context = PageContext(
        title="Made", language=language, kind="organisation", words=words,
        synthetic=True, banners=("-", "-"),
    )  # fmt: skip
    page = render_page(organisation_sections(results, reader, data_hash="ab"), context=context)
    return page, checks_of(page, results, answers, language)


def checks_of(page: str, results: pd.DataFrame, answers: Answers, language: str) -> NumberChecks:
    known = known_of(answers.study, answers.instrument, language=language)
    return check_numbers(page, results, language=language, known=known)


def with_a_wrong_number(page: str, generator: np.random.Generator) -> str:
    """Return the page with the last digit of one number in a cell or a sentence changed."""
    body = re.search(r"<main.*</main>", page, re.DOTALL)
    plain = re.sub(
        r"<svg.*?</svg>|<th .*?</th>|<[^>]*>", lambda tag: " " * len(tag.group()), body.group(),
        flags=re.DOTALL,
    )  # fmt: skip
    spots = [found.end() - 1 for found in A_NUMBER.finditer(plain) if found.group()[-1] != "0"]
    at = body.start() + int(generator.choice(spots))
    return page[:at] + str((int(page[at]) + int(generator.integers(1, 9))) % 10) + page[at + 1 :]


def checked(organisations: int) -> Iterator[tuple[NumberChecks, bool]]:
    """Per page what was found on it, and whether a wrong number was found as well."""
    for number in range(-(-organisations // PER_STUDY)):
        answers = made_study(number)
        generator = np.random.default_rng([SEED, number, 1])
        for name in answers.organisation_ids[: organisations - number * PER_STUDY]:
            results = organisation_results(answers, name)
            language = str(generator.choice(["en", "nl"]))
            page, found = page_of(results, answers, language)
            wrong = with_a_wrong_number(page, generator)
            again = checks_of(wrong, results, answers, language)
            yield found, bool(set(again.findings) - set(found.findings))


def main(organisations: int = 500) -> None:
    pages, detected, mismatches, counts = 0, 0, [], Counter()
    start = time.perf_counter()
    for found, seen in checked(organisations):
        pages, detected = pages + 1, detected + seen
        mismatches += found.findings
        counts.update(found.counts)
        if pages % 20 == 0:
            sys.stdout.write(
                f"{time.perf_counter() - start:6.0f} s  {pages} pages, {detected} found, {mismatches[:3]}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{pages} pages, {sum(counts.values())} checks: {dict(counts)}\n")
    sys.stdout.write(f"mismatches: {len(mismatches)}; wrong numbers found: {detected} of {pages}\n")
    for line in mismatches[:20]:
        sys.stdout.write(f"  {line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
