"""The page around what the cells show."""

import pytest
from markupsafe import Markup, escape
from nbformat import v4

from research.errors import ReportError
from research.reporting.fragments import contents, page_fragments
from research.reporting.html_export import PageContext, render_notebook
from research.reporting.page_checks import check_page
from research.reporting.page_reader import PageReader
from tests.reporting import sample

PNG = "iVBORw0KGgo="
ALT = "Means of two roles on five activities; customers lie higher on four of them."


def html_cell(fragment: str) -> object:
    output = v4.new_output("display_data", data={"text/html": fragment, "text/plain": "x"})
    return v4.new_code_cell("show(1)", outputs=[output], execution_count=1)


def render(*cells: object, **changes: object) -> str:
    return render_notebook(
        v4.new_notebook(cells=list(cells)),
        name="90_page.ipynb",
        context=sample.context(**changes),
        results_csv="estimate\r\n0.1\r\n",
        csv_name="page.results.csv",
    )


QUESTION = [
    v4.new_markdown_cell("# Where do they differ?\n\nRead this first."),
    v4.new_markdown_cell("## Per cluster\n\nWords.\n\n### Detail\n\n## Per cluster"),
]


def test_a_question_notebook_lends_the_page_its_heading():
    page = render(*QUESTION, kind="question", title="")
    assert "<title>Where do they differ?</title>" in page
    assert page.count("<h1") == 1
    assert check_page(page, language="en", kind="question") == []


def test_markdown_headings_get_stable_ids_of_their_own():
    page = render(*QUESTION, kind="question", title="")
    assert '<a href="#per-cluster">' in page
    assert '<a href="#per-cluster-2">' in page
    assert "¶" not in page


def test_guide_cells_stay_in_the_notebook():
    guide = v4.new_markdown_cell("## Only for JupyterLab", metadata={"tags": ["guide"]})
    assert "Only for JupyterLab" not in render(guide, html_cell("<p>a</p>"))


def test_random_cell_ids_do_not_reach_the_page():
    cell = html_cell("<p>a</p>")
    assert cell.id not in render(cell)


def test_the_contents_list_leads_to_sections():
    listed = contents('<section id="gap" aria-labelledby="gap-h"><h2 id="gap-h">A  gap</h2>')
    assert [(entry.target, entry.text) for entry in listed] == [("gap", "A gap")]


def test_a_heading_without_an_id_is_refused():
    with pytest.raises(ReportError, match="'Lost' has no id"):
        render(html_cell("<h2>Lost</h2>"))


HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "& < >"]


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_the_context_are_escaped(text):
    page = render(
        html_cell("<p>a</p>"),
        title=text,
        subtitle=text,
        banners=(text,),
        provenance={text: text},
    )
    assert str(escape(text)) in page
    assert check_page(page, language="en", kind="study") == []


def test_plain_text_is_escaped_in_a_question_notebook():
    output = v4.new_output("execute_result", data={"text/plain": "<b>1</b>"}, execution_count=1)
    cell = v4.new_code_cell("x", outputs=[output], execution_count=1)
    assert "&lt;b&gt;1&lt;/b&gt;" in render(cell, kind="question")


def test_an_image_carries_its_alternative_text():
    output = v4.new_output("display_data", data={"image/png": PNG}, metadata={"alt": ALT + ' "q"'})
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[output], execution_count=1)])
    (figure,) = page_fragments(notebook, name="n", plain_allowed=False)
    assert f'alt="{ALT} &#34;q&#34;"' in figure
    assert figure.startswith('<figure><img src="data:image/png;base64,')


def test_a_drawing_is_shown_as_an_image_so_that_its_ids_stay_inside():
    data = {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" id="a"/>'}
    output = v4.new_output("display_data", data=data, metadata={"image/svg+xml": {"alt": ALT}})
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[output], execution_count=1)])
    (figure,) = page_fragments(notebook, name="n", plain_allowed=False)
    assert "data:image/svg+xml;base64," in figure
    assert "<svg" not in figure


def test_an_unknown_kind_of_output_is_refused_with_its_place():
    output = v4.new_output("display_data", data={"application/json": {}, "text/plain": "x"})
    cell = v4.new_code_cell("x", outputs=[output], execution_count=1)
    with pytest.raises(ReportError, match=r"90_page\.ipynb, cell 1: .*application/json"):
        render(cell)


@pytest.mark.parametrize("language", ["de", "NL", ""])
def test_a_wrong_language_is_an_error(language):
    with pytest.raises(ValueError, match="language must be one of"):
        PageContext(title="a", language=language, kind="study", words=sample.WORDS["en"])


def test_missing_words_are_named():
    with pytest.raises(ValueError, match=r"lack page\.contents"):
        sample.context(words={**sample.WORDS["en"], "page.contents": ""})


def test_synthetic_and_illustrative_pages_need_a_banner_each():
    with pytest.raises(ValueError, match="one banner text for each"):
        sample.context(illustrative=True)


def test_both_languages_carry_the_same_ids():
    ids = [
        [element.attributes.get("id") for element in PageReader(sample.page(language)).elements]
        for language in ("nl", "en")
    ]
    assert ids[0] == ids[1]


def test_a_page_is_rendered_to_the_same_bytes_twice():
    assert sample.page() == sample.page()


def test_fragments_stand_as_they_are():
    assert Markup("<p>a &amp; b</p>") in render(html_cell("<p>a &amp; b</p>"))


def test_a_first_piece_that_is_a_title_stands_in_the_title_block_once():
    page = render(html_cell('<h1 id="top">Found &amp; <i>shown</i></h1>'), title="Name")
    assert "<title>Name</title>" in page  # markup inside is no title
    page = render(html_cell('<h1 id="top">Found &amp; shown: &lt;b&gt;</h1>'), title="Name")
    assert "<title>Found &amp; shown: &lt;b&gt;</title>" in page
    assert page.count("<h1") == 1 and "Name" not in page
