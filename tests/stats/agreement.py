"""How closely every statistic agrees with R; ``python -m tests.stats.agreement`` prints a table.

It also writes the few figures of it that a report shows.
"""

import json
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd
from tests.stats.oracle import Statistic, differences, records, reference

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "src" / "research" / "presentation" / "agreement.json"
ORACLES = sorted(path.stem for path in (Path(__file__).parent / "oracles").glob("[a-z]*.py"))
STATISTICS: dict[str, Statistic] = {
    statistic.name: statistic
    for topic in ORACLES
    for statistic in import_module(f"tests.stats.oracles.{topic}").STATISTICS
}


@cache
def known_differences(statistic: str, record: str) -> dict[str, float]:
    """Differences from R of one statistic on one data set; worked out once."""
    chosen = STATISTICS[statistic]
    (found,) = (r for r in records(chosen, refused=False) if r["name"] == record)
    return differences(chosen, found)


def agreement_table() -> pd.DataFrame:
    """Largest relative difference per statistic; one row a statistic."""
    rows = []
    for statistic in STATISTICS.values():
        compared = records(statistic, refused=False)
        found = {
            (record["name"], column): value
            for record in compared
            for column, value in known_differences(statistic.name, record["name"]).items()
        }
        worst = max(found, key=found.get)
        rows.append(
            {
                "statistic": statistic.name,
                "oracle": statistic.oracle,
                "data sets": len(compared),
                "largest relative difference": f"{found[worst]:.1e}",
                "where": f"{worst[1]} of {worst[0]}",
            }
        )
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame) -> str:
    lines = [table.columns, ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)


def shown_agreement(table: pd.DataFrame) -> dict:
    """What a report says of the comparison with R."""
    found = table["largest relative difference"].astype(float)
    return {
        "statistics": len(table),
        "data_sets": int(table["data sets"].sum()),
        "median": float(found.median()),
        "largest": float(found.max()),
        "oracle": f"R {reference('differences')['versions']['R']}",
    }


def oracle_versions() -> str:
    """R and its packages as named in the reference files."""
    versions = {}
    for statistic in STATISTICS.values():
        versions |= reference(statistic.file)["versions"]
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))


if __name__ == "__main__":
    made = agreement_table()
    print(as_markdown(made))
    record = shown_agreement(made) | {"date": date.today().isoformat()}
    SHOWN.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"\nOracle: {oracle_versions()}.")
