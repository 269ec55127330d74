"""Forty texts that try to run, to break a page, or to become a formula; and where to put them."""

from collections.abc import Iterator

RAN = "window.__ran=1"
PAYLOADS = (
    f"<script>{RAN}</script>",
    f"<img src=x onerror={RAN}>",
    f"<svg onload={RAN}>",
    f"<svg><script>{RAN}</script></svg>",
    f"<svg><animate onbegin={RAN} attributeName=x dur=1s>",
    f'"><script>{RAN}</script>',
    f"'><img src=x onerror={RAN}>",
    f'" onmouseover="{RAN}" autofocus onfocus="{RAN}',
    f"</title><script>{RAN}</script>",
    f"</style><script>{RAN}</script>",
    f"</caption></table><script>{RAN}</script>",
    f"--><script>{RAN}</script><!--",
    f"]]><script>{RAN}</script>",
    f"&lt;script&gt;{RAN}&lt;/script&gt;",
    f"&#60;script&#62;{RAN}&#60;/script&#62;",
    f"<a href=javascript:{RAN}>x</a>",
    f"[x](javascript:{RAN})",
    f"![x](x\"onerror=\"{RAN})",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RAN}>",
    f'<noscript><p title="</noscript><img src=x onerror={RAN}>">',
    f"<svg><style><img src=x onerror={RAN}></style></svg>",
    f"<details open ontoggle={RAN}>x</details>",
    f"<body onpageshow={RAN}>",
    "<base href='https://outside.example/'>",
    "<meta http-equiv=refresh content='0;url=https://outside.example/'>",
    "<link rel=stylesheet href='https://outside.example/x.css'>",
    "<style>*{background:url(https://outside.example/x)}</style>",
    "=1+1",
    "=HYPERLINK(\"https://outside.example/\",\"x\")",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "{{ 7*7 }}{% raise %}",
    "{organisation_id!r:>{n}} %s %(x)d $HOME ${x}",
    r"$\frac{1}{",
    r"$x^2$ \N{BULLET} \x41",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}",
    "x" * 2000,
)  # fmt: skip
LANGUAGES = ("nl", "en")


class Rotating:
    """Another payload for every field, and in every round another one for the same field."""

    def __init__(self, turn: int):
        self.next = turn

    def __call__(self, _old: object = None) -> str:
        self.next += 1
        return PAYLOADS[self.next % len(PAYLOADS)]

    def bilingual(self) -> dict[str, str]:
        return {language: self() for language in LANGUAGES}


def hostile_study_file(
    give: Rotating, *, roles: tuple[str, str] = ("patient", "doctor")
) -> dict[str, object]:
    """Entries of a study file in which every free text is a payload."""
    named = [
        {"id": name, "label": give.bilingual(), "plural": give.bilingual(), "words": [give()]}
        for name in roles
    ]
    return {
        "title": give.bilingual(),
        "population": give.bilingual(),
        "period": give.bilingual(),
        "preregistration": give(),
        "roles": named,
        "organisations": [{"id": give(), "name": give()} for _ in range(3)],
        "invited": dict(zip(roles, (900, 600), strict=True)),
        "answer_words": {give(): 4},
        "deviations": [
            {"what": give.bilingual(), "why": give.bilingual(), "when": "after",
             "effect": give.bilingual()},
        ],
        "publication": {"authors": [give()], "contact": give.bilingual(),
                        "licence": give.bilingual()},
        "conduct": {"recruitment": give.bilingual(), "ethics": give.bilingual(),
                    "sample_size": give.bilingual()},
    }  # fmt: skip


def hostile_instrument(content: dict[str, object], give: Rotating) -> dict[str, object]:
    """An instrument file with every text for readers replaced by a payload of its own."""

    def replaced(value: object) -> object:
        if isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
            return {
                key: [give() + f" {n}" for n, _ in enumerate(text)] if isinstance(text, list)
                else give()
                for key, text in value.items()
            }  # fmt: skip
        if isinstance(value, dict):
            return {key: replaced(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [replaced(inner) for inner in value]
        return value

    return {**replaced(content), "id": "hostile", "source": give()}


def fields_of(value: object) -> Iterator[str]:
    """Every text of a nested mapping, to count what was planted."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from fields_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from fields_of(inner)
    elif isinstance(value, str):
        yield value
