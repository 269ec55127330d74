"""How closely every statistic agrees with R; ``python -m tests.stats.agreement`` prints a table."""

from importlib import import_module
from pathlib import Path

import pandas as pd
from tests.stats.oracle import Statistic, differences, records, reference

ORACLES = sorted(path.stem for path in (Path(__file__).parent / "oracles").glob("[a-z]*.py"))
STATISTICS: dict[str, Statistic] = {
    statistic.name: statistic
    for topic in ORACLES
    for statistic in import_module(f"tests.stats.oracles.{topic}").STATISTICS
}


def agreement_table() -> pd.DataFrame:
    """Largest relative difference per statistic; one row a statistic."""
    rows = []
    for statistic in STATISTICS.values():
        compared = records(statistic, refused=False)
        found = {
            (record["name"], column): value
            for record in compared
            for column, value in differences(statistic, record).items()
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


def oracle_versions() -> str:
    """R and its packages as named in the reference files."""
    versions = {}
    for statistic in STATISTICS.values():
        versions |= reference(statistic.file)["versions"]
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))


if __name__ == "__main__":
    print(as_markdown(agreement_table()))
    print(f"\nOracle: {oracle_versions()}.")
