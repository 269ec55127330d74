"""The instrument: activities, clusters, response scale and wording, read from YAML.

An instrument is data. Whoever has the real questionnaire replaces one file and no code.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from research.errors import InputError, nearest

Language = Literal["nl", "en"]
LANGUAGES: tuple[str, ...] = get_args(Language)
FILL_IN = "FILL_IN"  # what `research new` writes where only a person knows the word
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class Strict(BaseModel):
    """A model that refuses unknown keys and cannot be changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """The same text in Dutch and in English."""

    nl: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def get(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


class BilingualList(Strict):
    """The same list of texts in Dutch and in English."""

    nl: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def get(self, language: str) -> tuple[str, ...]:
        return self.nl if language == "nl" else self.en

    def both(self) -> tuple[str, ...]:
        return self.nl + self.en


class ResponseScale(Strict):
    """Whole-number answers from ``low`` to ``high``, with a label for every point."""

    low: int
    high: int
    labels: BilingualList
    midpoint: float
    missing_words: BilingualList = BilingualList()

    @property
    def points(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))


class Cluster(Strict):
    """A group of activities whose answers are averaged.

    ``min_answered`` is the share of the cluster's activities a respondent must have answered
    to get a score.
    """

    id: Identifier
    label: Bilingual
    min_answered: Annotated[float, Field(gt=0, le=1)] = 0.5


class Activity(Strict):
    """One item of the questionnaire."""

    id: Identifier
    cluster: Identifier
    label: Bilingual
    wording: Bilingual
    reverse_keyed: bool = False
    layer: Literal["behaviour", "routine", "belief"] | None = None
    status: Literal["known", "based", "illustrative"] = "known"


class AttentionItem(Strict):
    """A question with one right answer (`Please tick 4`); it shows who reads the questions."""

    id: Identifier
    wording: Bilingual
    expected: int


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule an instrument must satisfy, and whether it does."""

    name: str
    passed: bool
    detail: str = ""


class Instrument(Strict):
    """The questionnaire: response scale, clusters and activities, in order."""

    id: Identifier
    version: int
    illustrative: bool
    source: str
    scale: ResponseScale
    stem: Bilingual
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1)]
    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]
    attention_items: tuple[AttentionItem, ...] = ()

    @cached_property
    def activity_ids(self) -> list[str]:
        return [activity.id for activity in self.activities]

    @cached_property
    def cluster_ids(self) -> list[str]:
        return [cluster.id for cluster in self.clusters]

    @cached_property
    def reverse_keyed_ids(self) -> list[str]:
        return [activity.id for activity in self.activities if activity.reverse_keyed]

    def activities_of(self, cluster_id: str) -> list[str]:
        """Ids of the cluster's activities, in the order of the questionnaire."""
        return [activity.id for activity in self.activities if activity.cluster == cluster_id]

    def cluster_of(self, activity_id: str) -> str:
        return next(a.cluster for a in self.activities if a.id == activity_id)

    def label(self, entry_id: str, language: str) -> str:
        """Name of an activity or a cluster in the reader's language."""
        for entry in (*self.activities, *self.clusters):
            if entry.id == entry_id:
                return entry.label.get(language)
        raise KeyError(entry_id)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        failed = [check for check in self.checks() if not check.passed]
        if failed:
            raise ValueError("; ".join(f"{c.name}: {c.detail}" for c in failed))
        return self

    def checks(self) -> list[Check]:
        """Return every check of the instrument with its state, passed or not."""
        ids = [entry.id for entry in (*self.activities, *self.attention_items)]
        clusters = [cluster.id for cluster in self.clusters]
        twice = sorted({i for i in ids + clusters if (ids + clusters).count(i) > 1})
        used = {activity.cluster for activity in self.activities}
        scale = self.scale
        n_points = len(scale.points)
        lengths = {language: len(scale.labels.get(language)) for language in LANGUAGES}
        return [
            _check("ids are unique", twice),
            _check("every activity lies in a known cluster", sorted(used - set(clusters))),
            _check("every cluster is used", sorted(set(clusters) - used)),
            _check(
                "the right answer of an attention item is on the scale",
                [i.id for i in self.attention_items if i.expected not in scale.points],
            ),
            _check("the scale runs upwards", [] if scale.low < scale.high else [scale.high]),
            _check(
                "the midpoint lies inside the scale",
                [] if scale.low < scale.midpoint < scale.high else [scale.midpoint],
            ),
            _check(
                "every point of the scale has a label in both languages",
                [f"{k}: {n} for {n_points} points" for k, n in lengths.items() if n != n_points],
            ),
            _check("labels of the scale are unique", _repeated_labels(scale)),
            _check(
                "missing words are not points of the scale",
                sorted(set(scale.missing_words.both()) & set(scale.labels.both())),
            ),
            # A language left empty is refused by the model itself; listed so that it is seen.
            _check("both languages are filled", []),
        ]


def _check(name: str, offenders: list) -> Check:
    return Check(name=name, passed=not offenders, detail=", ".join(map(str, offenders)))


def _repeated_labels(scale: ResponseScale) -> list[str]:
    return [
        label
        for language in LANGUAGES
        for label in scale.labels.get(language)
        if scale.labels.get(language).count(label) > 1
    ]


def explain_validation_error(error: ValidationError, model: type[BaseModel], source: str) -> str:
    """Pydantic's findings as lines a person can act on, one per finding."""
    lines = [f"{source} cannot be used:"]
    found = error.errors()
    for item in found:
        # Of a list with a wrong entry pydantic also says that it is too short.
        if item["type"] == "too_short" and any(
            other["loc"][: len(item["loc"])] == item["loc"] for other in found if other is not item
        ):
            continue
        path = ".".join(str(part) for part in item["loc"]) or "the file as a whole"
        if item["type"] == "extra_forbidden":
            known = _known_keys(model, item["loc"][:-1])
            lines.append(f"- {path}: unknown key. {nearest(str(item['loc'][-1]), known)}")
        else:
            message = item["msg"].removeprefix("Value error, ").rstrip(".")
            lines.append(f"- {path}: {message}.")
    return "\n".join(lines)


def _known_keys(model: type[BaseModel], path: tuple) -> set[str]:
    """Return the keys allowed at a place in a nested model, found through its JSON Schema."""
    schema = model.model_json_schema()
    node = schema
    for part in path:
        node = _step(_resolve(node, schema), part, schema)
    return set(_resolve(node, schema).get("properties", {}))


def _resolve(node: dict, schema: dict) -> dict:
    for option in node.get("anyOf", []):
        if "$ref" in option:
            node = option
    if "$ref" in node:
        return schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _step(node: dict, part: str | int, schema: dict) -> dict:
    if isinstance(part, int):
        return node.get("items", {})
    named = node.get("properties", {}).get(part)
    if named is not None:
        return named
    extra = node.get("additionalProperties", {})
    return extra if isinstance(extra, dict) else {}


def read_yaml(path: Path) -> dict:
    """Content of a YAML file; a key that stands twice is refused, not silently overwritten."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path.name} was not found in {path.parent}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from None
    try:
        content = yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        if "\\t" in problem:
            problem = "a tab stands where YAML wants blanks"
        raise InputError(f"{path.name}{place}: {problem}. Check indentation and quotes.") from None
    except (ValueError, TypeError, RecursionError) as error:
        # PyYAML's own words for a day such as 2026-02-30 and for a key that is itself a list.
        what = "a key is a list" if isinstance(error, TypeError) else f"a value is none: {error}"
        raise InputError(
            f"{path.name} cannot be read ({what}). Put dates and texts with special signs "
            "between quotes."
        ) from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name} holds no keys. Start from the example study's file.")
    unfilled = _unfilled(text) if FILL_IN in text else []
    if unfilled:
        raise InputError(
            f"{path.name} is not filled in yet. Replace {FILL_IN} in {len(unfilled)} line(s); the "
            "comments beside them say by what:\n" + "\n".join(unfilled)
        )
    return content


def _unfilled(text: str) -> list[str]:
    """Places where `research new` left a word to fill in, a line each; comments do not count."""
    found: dict[int, list[str]] = {}
    waiting = [(yaml.compose(text, Loader=_UniqueKeyLoader), "")]
    seen: set[int] = set()  # an alias may lead back to where it stands
    for node, path in waiting:
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                waiting += [(key, f"{path}.{key.value}"), (value, f"{path}.{key.value}")]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(entry, path) for entry in node.value]
        elif node.value == FILL_IN:
            found.setdefault(node.start_mark.line + 1, []).append(path.lstrip("."))
    return [f"- line {line}: {', '.join(paths)}" for line, paths in sorted(found.items())]


class _UniqueKeyLoader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys without a word; this one objects."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key}' stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def packaged_instruments() -> dict[str, Path]:
    """Return the instruments that come with the package: id to file."""
    folder = Path(str(resources.files("research.study") / "instruments"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def read_instrument(name: str, *, folder: Path | None = None) -> Instrument:
    """Read an instrument by packaged id or by a path relative to ``folder``."""
    packaged = packaged_instruments()
    path = packaged.get(name)
    if path is None:
        path = (folder or Path()) / name
        if not path.is_file():
            raise InputError(
                f"Instrument '{name}' is neither a file nor comes with the package. "
                + nearest(name, packaged)
            )
    try:
        return Instrument.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(explain_validation_error(error, Instrument, path.name)) from None
