"""Texts as whole numbers, eight bytes each: a million can be compared and ordered at once."""

import numpy as np

WORD = 8
# The first n bytes of a word of eight, as a mask.
FIRST_BYTES = np.array([0] + [2 ** (8 * n) - 1 for n in range(1, 9)], dtype="<u8")
# Longer texts than so many words are better compared as texts.
MOST_WORDS = 8


def order_words(texts: list[str]) -> list[np.ndarray] | None:
    """Numbers that stand in the order of the texts, the most weighty first.

    Texts are equal when all their numbers are. The order of UTF-8 is that of the characters, as
    Python compares texts. None when a text is too long for it, or holds a zero byte. A value that
    is no text raises ``TypeError``.
    """
    content = "\0".join([*texts, ""]).encode("utf-8", "surrogatepass")
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == 0)
    starts = np.append(0, ends + 1)[:-1]
    lengths = ends - starts
    longest = int(lengths.max(initial=0))
    if len(ends) != len(texts) or longest > WORD * MOST_WORDS:
        return None
    places = range(0, max(longest, 1), WORD)
    return [field_words(content, starts, lengths, place).byteswap() for place in places]


def all_differ(words: list[np.ndarray]) -> bool:
    """Whether no two texts are equal, from the numbers of ``order_words``."""
    if len(words) == 1:
        ordered = [np.sort(words[0])]
    else:
        places = np.lexsort(words[::-1])
        ordered = [word[places] for word in words]
    return not np.logical_and.reduce([word[1:] == word[:-1] for word in ordered]).any()


def field_words(
    content: bytes, starts: np.ndarray, lengths: np.ndarray, place: int = 0
) -> np.ndarray:
    """Eight bytes of every field from its byte ``place`` on, as one number; 0 after its end."""
    left = np.clip(lengths.astype(np.int64) - place, 0, WORD)
    words = windows(content, starts.astype(np.int64) + place, WORD).view("<u8")
    return words[:, 0] & FIRST_BYTES[left]


def windows(content: bytes, starts: np.ndarray, size: int) -> np.ndarray:
    """``size`` bytes from each start on, one row each; zeros after the end of the content."""
    last = len(content) - size
    if last < 0:
        content, last = content + bytes(size), len(content)
    every = np.ndarray(last + 1, dtype=f"V{size}", buffer=content, strides=(1,))
    found = every[np.minimum(starts, last)].view(np.uint8).reshape(-1, size)
    for row in np.flatnonzero(starts > last):
        rest = content[starts[row] : starts[row] + size]
        found[row] = np.frombuffer(rest.ljust(size, b"\0"), dtype=np.uint8)
    return found
