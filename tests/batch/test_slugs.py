"""Hostile names: nothing outside the folder, no collision, nobody lost."""

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from research.batch.slugs import SLUG, page_path, slug_table
from research.errors import BatchError

HOSTILE = [
    "../x",
    "/etc/passwd",
    "..",
    ".",
    "",
    "NA",
    "con",
    "index",
    "a/b",
    "a\\b",
    "A B",
    "a b",
    "a-b",
    "Ünïté",
    "unite",
    "日本",
    "x" * 300,
    "x" * 301,
    "<script>",
    "{study}",
    "s3://bucket",
    "a\nb",
    "a\x00b",
    "$HOME",
]


def test_every_name_gets_a_slug_of_its_own():
    table = slug_table(HOSTILE)
    assert set(table) == set(HOSTILE)
    assert len(set(table.values())) == len(HOSTILE)
    assert all(SLUG.fullmatch(slug) for slug in table.values())


def test_a_plain_name_keeps_itself():
    assert slug_table(["noord", "Zuid-West 2"]) == {"Zuid-West 2": "zuid-west-2", "noord": "noord"}


def test_the_order_of_the_names_does_not_matter():
    assert slug_table(HOSTILE) == slug_table(reversed(HOSTILE))


def test_a_name_that_looks_like_a_fingerprint_takes_none_from_another():
    marked = slug_table(["A B", "a b"])["A B"]
    table = slug_table(["A B", "a b", marked])
    assert len(set(table.values())) == 3


@seed(20261)
@settings(max_examples=60, deadline=None)
@given(st.sets(st.text(max_size=50), max_size=12))
def test_any_set_of_names_gives_as_many_safe_slugs(names):
    table = slug_table(names)
    assert len(set(table.values())) == len(names)
    assert all(SLUG.fullmatch(slug) for slug in table.values())


@pytest.mark.parametrize("name", HOSTILE)
def test_the_page_lies_in_the_folder(tmp_path, name):
    path = page_path(tmp_path, slug_table(HOSTILE)[name], "nl")
    assert path.parent == tmp_path


@pytest.mark.parametrize("slug", ["../x", "A", "", "a.b", "x" * 41])
def test_what_is_no_slug_names_no_file(tmp_path, slug):
    with pytest.raises(BatchError, match="is no slug"):
        page_path(tmp_path, slug, "nl")
