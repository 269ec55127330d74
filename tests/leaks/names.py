"""Two hundred names of organisations that try to leave the folder or to take another's place.

A name of invisible signs only is no name: such rows are refused (``responses.people``).
"""

from itertools import product

WORDS = (
    "../x", "..\\x", "../../etc/passwd", "/etc/passwd", "/", "\\", ".", "..", "...", "~root", "$HOME",
    "%TEMP%", "C:\\x", "C:", "\\\\server\\share", "file:///x", "s3://bucket/key", "gs://b/x",
    "http://outside.example/x", "abfs://x", "hdfs://x", "{study}", "{organisation_id}", "{0}", "{",
    "}", "%s", "%(x)s", "con", "CON", "con.html", "nul", "aux", "prn", "com1", "LPT9", "index",
    "Index", "index.nl", "index.nl.html", "manifest", "manifest.csv", "study", "study.nl", ".failed",
    ".hidden", "-", "--help", "-rf", "*", "?", "a*b", "<b>", "<script>alert(1)</script>", "a&b",
    "a;b", "a|b", "a`b`", "$(x)", "a'b", 'a"b', "a,b", "=1+1", "+1", "-1", "@x", "NA", "NaN", "None",
    "null", "nan", "true", "0", "00", "1", "1.0", "1e3", "日本", "日本語", "Ünïté", "Unite", "UNITE", "unité",
    "ß", "ss", "ﬁ", "fi", "İ", "i", "ı", "Ａ", "A", "а", "é", "e", "😀", "👩‍🔬", "\u202etxt", "\u200bx", "x" * 40,
    "x" * 41, "x" * 300, "y" * 1000, "a b", "a-b", "a_b", "a.b", "A B", "a--b", "a  b",
)  # fmt: skip


def hostile_names(count: int = 200) -> list[str]:
    """Names in order: the words, then pairs of words, none twice."""
    pairs = (f"{one} {other}" for one, other in product(WORDS[:20], WORDS[40:]))
    return list(dict.fromkeys([*WORDS, *pairs]))[:count]
