"""The method, written from the options that were really used, with every option in a table."""

from collections.abc import Iterator, Sequence

import pandas as pd
from markupsafe import Markup

from research.presentation.sections import comparison_counts
from research.presentation.tables import (
    Column,
    Group,
    bullets,
    html_table,
    paragraph,
    pick,
    section,
)
from research.presentation.texts import Reader

Parameter = tuple[str, str, str]
BESIDE = ("other_methods", "order", "organisations")


def method_section(
    results: pd.DataFrame, reader: Reader, *, more: Sequence[str] = (), parameters: bool = False
) -> Markup:
    """What was computed and how; ``more`` are lines of a page, ``parameters`` adds each option."""
    return section(
        "method",
        reader.text("method.h"),
        bullets([*_lines(results, reader), *more, *_closing(reader)]),
        _parameter_table(results, reader) if parameters else Markup(""),
        paragraph(reader.text("method.software")),
    )


def _lines(results: pd.DataFrame, reader: Reader) -> Iterator[str]:
    gap = results[results["estimate_type"] == "mean_difference"]
    yield reader.text("method.score")
    if len(gap):
        used = "cr2" if (gap["test"] == "cr2_t").any() else "welch"
        yield reader.text("method.difference")
        yield reader.text(f"method.primary.{used}")
        yield reader.text("method.equivalence", margin=reader.short(reader.study.margin))
        yield reader.text("method.beside")
        families = reader.study.families
        yield reader.text(
            "method.family",
            activities=reader.text(f"method.{families.activities}"),
            clusters=reader.text(f"method.{families.clusters}"),
        )
    # Within one organisation there are no organisations to allow for.
    one = "" if (results["analysis"] == "organisations").any() else ".one"
    for analysis in BESIDE:
        if (results["analysis"] == analysis).any():
            yield reader.text(f"method.{analysis}{one}")


def _closing(reader: Reader) -> list[str]:
    return [
        reader.text("method.value", midpoint=reader.short(reader.instrument.scale.midpoint)),
        reader.text("method.missing"),
        reader.text("method.privacy", minimum=reader.study.privacy.shown_from),
    ]


def _parameter_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Every choice that moves a number: its value, and who set it."""
    headings = ("choice", "value", "source")
    rows = [
        *_of_instrument(reader),
        *_of_results(results, reader),
        *_of_study(reader),
        *_of_privacy(reader),
    ]
    return html_table(
        table_id="method-parameters",
        caption=reader.text("method.parameters.caption"),
        columns=[
            Column(heading=reader.text(f"method.parameters.{name}"), kind="text")
            for name in headings
        ],
        groups=[Group(rows=rows)],
    )


def _of_instrument(reader: Reader) -> list[Parameter]:
    instrument = reader.instrument
    source = reader.text("method.source.instrument", instrument=instrument.id)
    answered = sorted({cluster.min_answered for cluster in instrument.clusters})
    turned = len(instrument.reverse_keyed_ids)
    values = {
        "scale": reader.text(
            "method.value.scale", low=instrument.scale.low, high=instrument.scale.high
        ),
        "midpoint": reader.short(instrument.scale.midpoint),
        "answered": ", ".join(reader.share(share) for share in answered),
        "turned": reader.count(turned) if turned else reader.text("method.value.none"),
    }
    return [(reader.text(f"method.choice.{name}"), v, source) for name, v in values.items()]


def _of_results(results: pd.DataFrame, reader: Reader) -> list[Parameter]:
    """What the rows themselves say: the test, and how many tests one correction spans."""
    source = reader.text("method.source.results")
    level = reader.share(reader.confidence_level)
    rows = [(reader.text("method.choice.level"), level, _source("confidence_level", reader))]
    gap = results[(results["analysis"] == "gap") & (results["estimate_type"] == "mean_difference")]
    if gap.empty:
        return rows
    test = reader.text(f"question.test.{gap['test'].iloc[0]}")
    rows.append((reader.text("method.choice.test"), test, source))
    detectable = pick(results, "detectable_difference")["test"]
    power = detectable.str.removeprefix("power_").astype(float).max()
    rows.append((reader.text("method.choice.power"), reader.share(power), source))
    families = reader.study.families
    counts = dict(zip(("activities", "clusters"), comparison_counts(results), strict=True))
    for name, count in counts.items():
        method = reader.text(f"method.{getattr(families, name)}")
        value = reader.text("method.value.family", method=method, count=count)
        choice = reader.text(f"method.choice.family.{name}")
        rows.append((choice, value, _source(f"families.{name}", reader)))
    return rows


def _of_study(reader: Reader) -> list[Parameter]:
    study = reader.study
    none = reader.text("method.value.none")
    values = {
        "margin": reader.text("method.value.points", points=reader.short(study.margin)),
        "power_cluster": reader.label(study.power_cluster) if study.power_cluster else none,
        "wave": study.wave or none,
        "exclusions": reader.few_or_count(len(study.exclusions)) if study.exclusions else none,
        "exclude_flagged": ", ".join(_sign(one, reader) for one in study.exclude_flagged) or none,
        "seed": str(study.seed),
    }
    return [
        (reader.text(f"method.choice.{key}"), value, _source(key, reader))
        for key, value in values.items()
    ]


def _sign(reason: str, reader: Reader) -> str:
    """Sign of careless answering in words; "careless" is the rule that joins the signs."""
    if reason == "careless":
        return reader.text("method.value.careless")
    return reader.text(f"quality.sign.{reason}")


def _of_privacy(reader: Reader) -> list[Parameter]:
    privacy = reader.study.privacy
    values = {
        "minimum_n": reader.count(privacy.minimum_n),
        "minimum_n_distribution": reader.count(privacy.minimum_n_distribution),
        "minimum_n_extreme_share": reader.count(privacy.minimum_n_extreme_share),
        "minimum_organisations": reader.count(privacy.minimum_organisations),
        "maximum_organisation_share": reader.share(privacy.maximum_organisation_share),
    }
    return [
        (reader.text(f"method.choice.{key}"), value, _source(f"privacy.{key}", reader))
        for key, value in values.items()
    ]


def _source(key: str, reader: Reader) -> str:
    """Whether the study file says it or leaves it as it is; ``key`` as it stands in the file."""
    holder = reader.study
    *parts, name = key.split(".")
    for part in parts:
        holder = getattr(holder, part)
    stated = "set" if name in holder.model_fields_set else "default"
    return reader.text(f"method.source.{stated}", name=key)
