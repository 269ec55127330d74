"""Six small studies and the fingerprints of their pages: ``python -m tests.end_to_end.golden``.

Each is made, built and reported as a study is, but for the kernel: the sections are those of the
notebooks, made in this process. What a page says may depend on the answers only, so the
fingerprints must stay the same whatever the order of the rows, the time zone, the locale and the
seed of hashes; the test starts this module under two such surroundings. ``make test`` makes the
study report and one organisation's page of two of them, ``make verify`` everything.
"""

import hashlib
import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from research.analyses import report
from research.batch.slugs import slug_table
from research.pipeline.build import build_study
from research.pipeline.pages import PageMaker
from research.presentation import organisation_page, study_page
from research.presentation.display import results_csv
from research.reporting.html_export import render_page
from research.reporting.number_checks import (
    check_numbers,
    read_results,
    require_right_numbers,
)
from research.reporting.trust import fill_trust_box
from research.study.workspace import Workspace

ALL = int(os.environ.get("RESEARCH_EXAMPLES", "100")) >= 500  # make verify
HOSTILE = ("<script>alert(1)</script>", "../../x", "=1+1", "NA", "Ünïté & zn.", "$x$ {0}")
PLAIN = ("Noord", "Oost", "Zuid", "West", "Midden", "Kust")
# Name, organisations, customers and managers in each, share of answers missing, languages.
CASES: dict[str, dict] = {
    "normal": {"people": (24, 14)},
    "tiny": {"people": (7, 4)},
    "one-role": {"people": (24, 0)},
    "many-missing": {"people": (24, 14), "missing": 0.35},
    "hostile": {"people": (24, 14), "names": HOSTILE},
    "dutch": {"people": (24, 14), "language": "nl"},
}
ACTIVITIES = {"listen": "care", "visit": "care", "explain": "care", "steer": "rule"} | {
    "decide": "rule",
    "refuse": "rule",
}


def write_study(workspace: Workspace, name: str, *, order: int) -> None:
    """Write questionnaire, study file and exports of a case; ``order`` shuffles the rows."""
    case = CASES[name]
    folder = workspace.raw / name
    folder.mkdir(parents=True)
    roles = [role for role, n in zip(("customer", "manager"), case["people"], strict=True) if n]
    for role, n in zip(roles, case["people"], strict=False):
        table = answers(name, role, n, case.get("names", PLAIN), case.get("missing", 0.02))
        rows = list(range(len(table)))
        random.Random(order).shuffle(rows)
        dutch = case.get("language") == "nl"
        table.iloc[rows].to_csv(folder / f"{role}.csv", index=False, sep=";" if dutch else ",")
    (folder / "instrument.yaml").write_text(yaml.safe_dump(questionnaire()), encoding="utf-8")
    study = {
        "id": name,
        "title": {"nl": f"Studie {name}", "en": f"Study {name}"},
        "instrument": "instrument.yaml",
        "synthetic": True,
        "exports": [{"path": f"{role}.csv", "role": role} for role in roles],
        "columns": {"respondent": "id", "organisation": "org"},
        "power_cluster": "rule",
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")


def answers(name: str, role: str, n: int, names: tuple[str, ...], missing: float) -> pd.DataFrame:
    """One role's export: answers on one to five, higher for customers on the second cluster."""
    rng = np.random.default_rng(sum(map(ord, name + role)))
    level = {"customer": {"care": 4.0, "rule": 3.9}, "manager": {"care": 3.9, "rule": 3.2}}[role]
    person = rng.normal(scale=0.5, size=(n * len(names), 1))
    means = np.array([level[cluster] for cluster in ACTIVITIES.values()])
    given = np.clip(np.rint(means + person + rng.normal(scale=0.8, size=(len(person), 6))), 1, 5)
    cells = given.astype(int).astype(str).astype(object)
    cells[rng.random(cells.shape) < missing] = ""
    table = pd.DataFrame(cells, columns=list(ACTIVITIES))
    table.insert(0, "org", np.repeat(np.array(names, dtype=object), n))
    table.insert(0, "id", [f"{role[0]}{i:03d}" for i in range(len(table))])
    return table


def questionnaire() -> dict:
    """A questionnaire of two clusters of three activities."""
    word = dict.fromkeys(("nl", "en"))
    return {
        "id": "small",
        "version": 1,
        "illustrative": True,
        "source": "made for a test",
        "scale": {
            "low": 1,
            "high": 5,
            "midpoint": 3,
            "labels": {"nl": ["a", "b", "c", "d", "e"], "en": ["v", "w", "x", "y", "z"]},
            "missing_words": {"nl": ["weet niet"], "en": ["don't know"]},
        },
        "stem": {"nl": "Hoe waardevol?", "en": "How valuable?"},
        "clusters": [
            {"id": c, "label": {k: f"{c} {k}" for k in word}, "min_answered": 0.5}
            for c in ("care", "rule")
        ],
        "activities": [
            {
                "id": activity,
                "cluster": cluster,
                "label": {k: f"{activity} {k}" for k in word},
                "wording": {k: f"To {activity}, {k}." for k in word},
                "status": "illustrative",
            }
            for activity, cluster in ACTIVITIES.items()
        ],
    }


def chosen_cases() -> list[str]:
    """All six of them in ``make verify``; the two that differ most from the example otherwise."""
    return list(CASES) if ALL else ["tiny", "hostile"]


def pages(workspace: Workspace, name: str) -> dict[str, str]:
    """The study report and the organisations' pages of a case."""
    language = CASES[name].get("language", "en")
    build = build_study(workspace, name)
    maker = PageMaker(workspace, build, language)
    results = report.study_results(build.answers)
    sections = study_page.study_sections(
        results, maker.reader, build.flow, data_hash=build.data_hash
    )
    made = {"study": finished(sections, results, maker, kind="study")}
    chosen = slug_table(build.answers.organisation_ids).items()
    for organisation_id, slug in list(chosen)[: None if ALL else 1]:
        results = report.organisation_results(build.answers, organisation_id)
        sections = organisation_page.organisation_sections(
            results, maker.reader, data_hash=build.data_hash
        )
        made[slug] = finished(sections, results, maker, kind="organisation")
    return made


def finished(sections: list, results: pd.DataFrame, maker: PageMaker, *, kind: str) -> str:
    """A page with its numbers checked, as ``reporting.run`` finishes it."""
    context = maker.context(title="Golden", kind=kind)
    stored = results_csv(results)
    page = render_page(sections, context=context, results_csv=stored)
    found = check_numbers(
        page, read_results(stored), language=context.language, known=context.known
    )
    require_right_numbers(found, name=kind)
    return fill_trust_box(page, found, context.made, language=context.language)


def main(folder: Path, order: int) -> dict[str, str]:
    """Fingerprint of every page of every case."""
    workspace = Workspace(folder)
    found = {}
    for name in chosen_cases():
        write_study(workspace, name, order=order)
        for page, text in pages(workspace, name).items():
            digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
            found[f"{name}/{page}"] = digest
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2])), indent=1) + "\n")
