import pytest

from research.presentation import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "english", "dutch"),
    [
        (1234.5, 1, "1,234.5", "1.234,5"),
        (-0.85, 2, "−0.85", "−0,85"),
        (-0.001, 2, "0.00", "0,00"),
        (0.005, 2, "0.01", "0,01"),
        (12, 0, "12", "12"),
    ],
)
def test_numbers_follow_the_language(value, decimals, english, dutch):
    assert numbers.format_number(value, decimals=decimals, language="en") == english
    assert numbers.format_number(value, decimals=decimals, language="nl") == dutch


@pytest.mark.parametrize(
    ("value", "shown"), [(0.85, "+0.85"), (-0.85, "−0.85"), (0.0, "0.00"), (0.001, "0.00")]
)
def test_a_signed_zero_has_no_sign(value, shown):
    assert numbers.format_number(value, decimals=2, language="en", signed=True) == shown


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        (0.0304, ".030", "0,030"),
        (0.00049, "<\u00a0.001", "<\u00a00,001"),
        (0.9996, ">\u00a0.999", ">\u00a00,999"),
        (0.5, ".500", "0,500"),
    ],
)
def test_p_values_are_never_zero_or_one(value, english, dutch):
    assert numbers.format_p(value, language="en") == english
    assert numbers.format_p(value, language="nl") == dutch


def test_p_in_a_sentence_has_its_sign():
    assert numbers.format_p_equation(0.03, language="nl") == "=\u00a00,030"
    assert numbers.format_p_equation(0.0001, language="en") == "<\u00a0.001"
