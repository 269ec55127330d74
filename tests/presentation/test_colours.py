"""R16: colours stay apart for every eye and in a grey print; shape and place say it as well."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from research.presentation.marks import (
    FIRST_COLOUR,
    SECOND_COLOUR,
    answer_colours,
    gap_mark,
)

# Full deficiency, on linear RGB: Machado, Oliveira and Fernandes (2009), table 1, severity 1.0.
SEEN_BY = {
    "typical": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    # Rec. 709 luminance, as a grey printer.
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.0890])  # D65
APART = 20.0  # of CIE 1976; 2.3 is just noticeable


def lab(colour: str, eye: str) -> np.ndarray:
    """CIE L*a*b* of a colour as one eye sees it."""
    given = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SEEN_BY[eye]) @ linear, 0, 1)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ seen / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first: str, second: str, eye: str) -> float:
    return float(np.linalg.norm(lab(first, eye) - lab(second, eye)))


def test_black_and_white_are_a_hundred_apart():
    """By hand: L* is 100 for white, 116 cbrt(0.008856) - 16 = 8.0 at our floor for black."""
    assert difference("#ffffff", "#000000", "typical") == pytest.approx(92, abs=0.1)


@pytest.mark.parametrize("eye", SEEN_BY)
def test_the_two_roles_are_told_apart_by_colour(eye):
    assert difference(FIRST_COLOUR, SECOND_COLOUR, eye) > APART


def test_the_two_roles_are_told_apart_by_shape():
    drawn = gap_mark(2.0, 4.0, scale=(1, 5), midpoint=3)
    assert drawn.count("<circle") == drawn.count("<rect") == 1


@pytest.mark.parametrize("eye", SEEN_BY)
@pytest.mark.parametrize("points", [4, 5, 7])
def test_neighbouring_answers_are_told_apart(points, eye):
    """Side by side in the bar a quarter of that is enough; a line of white stands between them."""
    colours = answer_colours(points)
    assert min(difference(*pair, eye) for pair in pairwise(colours)) > APART / 4


@pytest.mark.parametrize("eye", [eye for eye in SEEN_BY if eye != "grey"])
def test_low_and_high_answers_are_never_taken_for_each_other(eye):
    """In grey their place says which is which: low answers left, high answers right."""
    colours = answer_colours(5)
    across = [pair for pair in combinations(colours, 2) if pair not in list(pairwise(colours))]
    assert min(difference(*pair, eye) for pair in across) > APART / 2
