"""How the finished pages read: sentence length, causes, and the two reporting checklists."""

import re
from statistics import mean

import pytest

from research.presentation.checklist_section import CHERRIES, JARS
from tests.prose import causal_words, prose_of, sentence_lengths

PAGES = [
    f"{name}.{language}.html"
    for name in ("study", "rijnpoort-advies", "hofstede-zonen")
    for language in ("nl", "en")
]
LONGEST_ON_AVERAGE = 20  # words a sentence, R24
ROW = re.compile(
    r'<tr[^>]*><th[^>]* scope="row"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>', re.DOTALL
)


@pytest.mark.parametrize("name", PAGES)
def test_sentences_have_at_most_twenty_words_on_average(example, name):
    lengths = sentence_lengths(prose_of(example.page(name).read_text(encoding="utf-8")))
    assert len(lengths) > 20
    assert mean(lengths) <= LONGEST_ON_AVERAGE


@pytest.mark.parametrize("name", PAGES)
def test_the_prose_claims_no_cause(example, name):
    prose = " ".join(prose_of(example.page(name).read_text(encoding="utf-8")))
    language = name.split(".")[1]
    for activity in example.build.instrument.activities:  # its label may be a verb: to improve
        prose = re.sub(rf"\b{re.escape(activity.label.get(language))}\b", "", prose)
    assert causal_words(prose, language) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_item_of_both_checklists_is_filled_or_says_why_not(example, language):
    """R25: 100 %; a link must lead to an id of the page."""
    page = example.page(f"study.{language}.html").read_text(encoding="utf-8")
    table = page[page.index('id="checklist-table"') :]
    rows = ROW.findall(table[: table.index("</table>")])
    assert len(rows) == len(JARS) + len(CHERRIES)
    why_not = {"nl": "Niet van toepassing: ", "en": "Not applicable: "}[language]
    for item, where in rows:
        target = re.match(r'<a href="#([^"]+)">', where)
        filled = target is not None and f'id="{target[1]}"' in page
        assert filled or len(where.removeprefix(why_not)) < len(where), item
        assert "results" not in where and "resultaten niet" not in where, item


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_title_of_the_study_report_says_what_was_found(example, language):
    page = example.page(f"study.{language}.html").read_text(encoding="utf-8")
    title = example.build.study.title.get(language)
    finding = {
        "nl": "klanten waarderen ‘Inzet van macht’ duidelijk hoger dan managers",
        "en": "customers rate ‘Use of power’ clearly higher than managers",
    }[language]
    assert f"<title>{title}: {finding}</title>" in page
    assert f'<h1 id="top">{title}: {finding}</h1>' in page
