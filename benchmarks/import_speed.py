"""Times the import of a million respondents against bare readers and prints ratios; `make bench`.

The same file is read by each in a fresh process, in turn, so that a busy machine hits all alike:
seconds on the clock and the highest memory beyond what was in use before, medians over rounds.
The import ends with validated responses and their receipt; a bare reader ends with a table of
text, categories or numbers. Only the ratios mean something: absolute times differ per machine.
The goals: at most twice the fastest bare reader, less memory than three times the responses.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from research.responses.ingest import import_exports
from research.study.study_file import read_study

RESPONDENTS, ORGANISATIONS, ROUNDS = 1_000_000, 200, 5
ACTIVITIES = [f"q{number}" for number in range(1, 31)]
HEADER = ["id", "organisation", "role", *ACTIVITIES]
WORDS = ["1", "2", "3", "4", "5", "", "weet niet"]
SHARES = [0.06, 0.14, 0.26, 0.30, 0.20, 0.03, 0.01]
DELIMITERS = {"semicolons": ";", "commas": ","}


def twice(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


INSTRUMENT = {
    "id": "thirty",
    "version": 1,
    "illustrative": True,
    "source": "made for this benchmark",
    "scale": {
        "low": 1,
        "high": 5,
        "midpoint": 3,
        "labels": {"nl": ["a", "b", "c", "d", "e"], "en": ["a", "b", "c", "d", "e"]},
        "missing_words": twice("weet niet") | {"nl": ["weet niet"], "en": ["don't know"]},
    },
    "stem": twice("Hoe waardevol?"),
    "clusters": [{"id": f"c{number}", "label": twice(f"C{number}")} for number in range(3)],
    "activities": [
        {
            "id": name,
            "cluster": f"c{place // 10}",
            "label": twice(f"handeling {place}"),
            "wording": twice(f"De manager doet ding {place}."),
            "reverse_keyed": False,
        }
        for place, name in enumerate(ACTIVITIES)
    ],
}
STUDY = {
    "id": "large",
    "title": twice("Large"),
    "instrument": "instrument.yaml",
    "synthetic": True,
    "exports": [{"path": "answers.csv"}],
    "columns": {"respondent": "id", "organisation": "organisation", "role": "role"},
}


def write_project(folder: Path, delimiter: str) -> None:
    """A study and its export: a quoted header, no quotation marks below it, ids in no order."""
    rng = np.random.default_rng(5)
    names = [f"Zorggroep Café {n:03d}" if n % 3 else f"Bank {n:03d}" for n in range(ORGANISATIONS)]
    ids = rng.permutation(RESPONDENTS)
    organisation = rng.integers(0, ORGANISATIONS, RESPONDENTS)
    manager = rng.random(RESPONDENTS) < 0.2
    words = np.array(WORDS, dtype=object)
    folder.mkdir()
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write(delimiter.join(f'"{name}"' for name in HEADER) + "\n")
        for first in range(0, RESPONDENTS, 50_000):
            rows = words[rng.choice(len(WORDS), size=(50_000, len(ACTIVITIES)), p=SHARES)].tolist()
            for place, answers in enumerate(rows, start=first):
                role = "manager" if manager[place] else "customer"
                who = [f"R{ids[place]:07d}", names[organisation[place]], role]
                stream.write(delimiter.join([*who, *answers]) + "\n")
    for name, content in (("study", STUDY), ("instrument", INSTRUMENT)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def bare(types: object, **options: object) -> Callable[[Path], pd.DataFrame]:
    """One call of pandas' C reader, told what the columns are."""

    def read(folder: Path) -> pd.DataFrame:
        with (folder / "answers.csv").open(encoding="utf-8") as stream:
            delimiter = ";" if ";" in stream.readline() else ","
        return pd.read_csv(folder / "answers.csv", sep=delimiter, dtype=types, **options)

    return read


def imported(folder: Path) -> pd.DataFrame:
    study, instrument = read_study(folder / "study.yaml")
    return import_exports(study, instrument, folder=folder).responses


NAMES = {"id": "str", "organisation": "category", "role": "category"}
READERS: dict[str, Callable[[Path], object]] = {
    "bytes of the file": lambda folder: (folder / "answers.csv").read_bytes(),
    "pandas, all text": bare("str", na_filter=False),
    "pandas, categories": bare(NAMES | dict.fromkeys(ACTIVITIES, "category"), na_filter=False),
    "pandas, whole numbers": bare(
        NAMES | dict.fromkeys(ACTIVITIES, "Int8"), na_values=["weet niet"]
    ),
    "import, validated": imported,
}
OURS = "import, validated"


def once(reader: str, folder: Path) -> dict[str, float]:
    """Seconds and megabytes of one reading, and the size of a table it returns.

    ``deep`` counts a text as often as it stands; ``distinct`` counts each text once, as it lies
    in memory.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    table = READERS[reader](folder)
    seconds = time.perf_counter() - start
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    measured = {"seconds": seconds, "added": added}
    if reader == OURS:
        texts = {id(text): sys.getsizeof(text) for name in table for text in objects(table[name])}
        measured["deep"] = table.memory_usage(deep=True).sum() / 2**20
        measured["distinct"] = (table.memory_usage().sum() + sum(texts.values())) / 2**20
    return measured


def objects(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=object) if column.dtype == "str" else np.empty(0, dtype=object)


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Medians over the rounds by reader; ``ratio`` is our time by that of the same round."""
    found: dict[str, list[dict]] = {reader: [] for reader in READERS}
    for _ in range(ROUNDS):
        for reader, values in found.items():
            command = [sys.executable, __file__, reader, str(folder)]
            ended = subprocess.run(command, check=True, capture_output=True, text=True)
            values.append(json.loads(ended.stdout))
    medians = {}
    for reader, values in found.items():
        pairs = zip(found[OURS], values, strict=True)
        ratio = statistics.median(ours["seconds"] / theirs["seconds"] for ours, theirs in pairs)
        medians[reader] = {
            key: statistics.median(value[key] for value in values) for key in values[0]
        } | {"ratio": ratio}
    return medians


def main() -> None:
    sys.stdout.write(
        "| file | reader | seconds | import / reader | added MB |\n"
        "| --- | --- | --- | --- | --- |\n"
    )
    with tempfile.TemporaryDirectory() as name:
        for file, delimiter in DELIMITERS.items():
            folder = Path(name) / file
            write_project(folder, delimiter)
            medians = measure(folder)
            for reader, m in medians.items():
                sys.stdout.write(
                    f"| {file} | {reader} | {m['seconds']:.2f} | {m['ratio']:.2f} | {m['added']:.0f} |\n"
                )
            ours = medians[OURS]
            fastest = max(
                m["ratio"] for reader, m in medians.items() if reader.startswith("pandas")
            )
            sys.stdout.write(
                f"{file}: {fastest:.2f} times the fastest bare reader (goal: 2); memory "
                f"{ours['added'] / ours['deep']:.2f} times the responses of {ours['deep']:.0f} MB "
                f"as pandas counts them, {ours['added'] / ours['distinct']:.2f} times "
                f"{ours['distinct']:.0f} MB with each text once (goal: 3)\n\n"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.stdout.write(json.dumps(once(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
