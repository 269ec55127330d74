"""How many digits agree with NIST's certified values; ``python -m tests.stats.nist`` prints it.

NIST Statistical Reference Datasets (StRD, https://www.itl.nist.gov/div898/strd/), public domain.
Observed data stand in ``tests/reference/nist``; sets that follow from a formula are made here.
The log relative error of x against c is -log10(|x - c| / |c|): the number of digits that agree
(-log10 |x| where c is 0), at most 15, the digits certified.
"""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from research.stats.differences import mean_against
from research.stats.regression import cr2_regression, one_way_anova

FOLDER = Path(__file__).parents[1] / "reference" / "nist"
CERTIFIED_DIGITS = 15.0


@cache
def certified() -> dict:
    return json.loads((FOLDER / "certified.json").read_text(encoding="utf-8"))


def observed(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name.lower()}.csv", dtype=float)


def log_relative_error(found: object, expected: object) -> float:
    """Digits of the worst of several values."""
    found, expected = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (found, expected))
    error = np.abs(found - expected) / np.where(expected == 0, 1.0, np.abs(expected))
    with np.errstate(divide="ignore"):
        return float(np.min(np.minimum(-np.log10(error), CERTIFIED_DIGITS)))


# Where NIST's file has a 3 for the 8 of pi, the leading 3 being number 0: its certified mean, SD and
# autocorrelation are those of the digits with that slip.
PI_SLIP = 956


def pi_digits(count: int = 5000) -> np.ndarray:
    """Decimal digits of pi, 3 first: Machin's formula in whole numbers."""
    one = 10 ** (count + 10)

    def arc_cotangent(x: int) -> int:
        term = total = one // x
        k = 1
        while term:
            term //= -x * x
            k += 2
            total += term // k
        return total

    digits = 4 * (4 * arc_cotangent(5) - arc_cotangent(239))
    # A whole number of 5,010 digits is longer than Python turns into text: take it in two parts.
    half = 10 ** ((count + 10) // 2)
    text = f"{digits // half}{digits % half:0{(count + 10) // 2}d}"
    return np.array([float(digit) for digit in text[:count]])


def pi_digits_of_nist() -> np.ndarray:
    digits = pi_digits()
    digits[PI_SLIP] = 3.0
    return digits


def alternating(middle: float, *, repeats: int = 500) -> np.ndarray:
    """One value in the middle, then .1 below and .1 above in turn (NumAcc2-4)."""
    tenths = int(middle * 10 + 0.5)
    return np.array([tenths, *[tenths - 1, tenths + 1] * repeats]) / 10


def univariate(name: str) -> np.ndarray:
    made = {
        "PiDigits": pi_digits_of_nist,
        "NumAcc1": lambda: np.array([10000001.0, 10000003.0, 10000002.0]),
        "NumAcc2": lambda: alternating(1.2),
        "NumAcc3": lambda: alternating(1000000.2),
        "NumAcc4": lambda: alternating(10000000.2),
    }
    return made[name]() if name in made else observed(name)["y"].to_numpy()


def simon_lesage(number: int) -> tuple[np.ndarray, np.ndarray]:
    """SmLs01-09: nine groups about .4, .3, .5, .3, .5 ... after 1, 7 or 13 leading digits."""
    leading = (1, 10**6, 10**12)[(number - 1) // 3]
    replicates = (21, 201, 2001)[(number - 1) % 3]
    tenths = [4, 3, 5, 3, 5, 3, 5, 3, 5]
    pairs = (replicates - 1) // 2
    values = [
        [leading * 10 + t, *[leading * 10 + t - 1, leading * 10 + t + 1] * pairs] for t in tenths
    ]
    return np.array(values).ravel() / 10, np.repeat(np.arange(1, 10), replicates)


def anova(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name.startswith("SmLs"):
        return simon_lesage(int(name[-2:]))
    table = observed(name)
    return table["y"].to_numpy(), table["group"].to_numpy()


# Wampler's disturbance of the fifth-degree polynomial, symmetric about x = 10.
WAMPLER = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048]


def wampler(number: int) -> tuple[np.ndarray, np.ndarray]:
    x = list(range(21))
    if number == 2:
        y = [sum(i**k * 10 ** (5 - k) for k in range(6)) / 10**5 for i in x]
    else:
        size = {1: 0, 3: 1, 4: 100, 5: 10000}[number]
        disturbance = WAMPLER + WAMPLER[-2::-1]
        y = [sum(i**k for k in range(6)) + size * d for i, d in zip(x, disturbance, strict=True)]
    return np.array(y, dtype=float), np.array(x, dtype=float)[:, None]


def regression(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Outcome, and predictors (powers of x where the model is a polynomial)."""
    if name.startswith("Wampler"):
        y, x = wampler(int(name[-1]))
    else:
        table = observed(name)
        y, x = table["y"].to_numpy(), table.drop(columns="y").to_numpy()
    degree = max(certified()["regression"][name]["degree"], 1)
    return y, np.hstack([x**power for power in range(1, degree + 1)])


def rational_least_squares(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Coefficients, intercept first, in rational arithmetic of the doubles as they are."""
    rows = [[Fraction(float(v)) for v in (1, *row, out)] for row, out in zip(x, y, strict=True)]
    p = x.shape[1] + 1
    system = [[sum(row[i] * row[j] for row in rows) for j in range(p + 1)] for i in range(p)]
    for i in range(p):
        system[i] = [value / system[i][i] for value in system[i]]
        for k in range(p):
            if k != i:
                factor = system[k][i]
                system[k] = [a - factor * b for a, b in zip(system[k], system[i], strict=True)]
    return np.array([float(row[p]) for row in system])


def univariate_digits(name: str) -> dict[str, float]:
    values, expected = univariate(name), certified()["univariate"][name]
    found = mean_against(values).iloc[0]
    return {
        "mean": log_relative_error(found["estimate"], expected["mean"]),
        "sd": log_relative_error(found["standard_error"] * np.sqrt(len(values)), expected["sd"]),
    }


def anova_digits(name: str) -> dict[str, float]:
    expected, found = certified()["anova"][name], one_way_anova(*anova(name)).iloc[0]
    return {
        "f": log_relative_error(found["statistic"], expected["f"]),
        "between": log_relative_error(found["mean_square_between"], expected["between"]),
        "within": log_relative_error(found["mean_square_within"], expected["within"]),
        "r_squared": log_relative_error(found["estimate"], expected["r_squared"]),
    }


def regression_digits(name: str) -> dict[str, float]:
    expected, (y, x) = certified()["regression"][name], regression(name)
    found = cr2_regression(
        y,
        x,
        np.arange(len(y)),
        names=[f"x{j}" for j in range(1, x.shape[1] + 1)],
        intercept=expected["degree"] > 0,
    )
    return {
        "coefficients": log_relative_error(found["estimate"], expected["coefficients"]),
        "standard_errors": log_relative_error(
            found["classical_standard_error"], expected["standard_errors"]
        ),
        "residual_sd": log_relative_error(found["residual_sd"][0], expected["residual_sd"]),
        "r_squared": log_relative_error(found["r_squared"][0], expected["r_squared"]),
    }


DIGITS = {"univariate": univariate_digits, "anova": anova_digits, "regression": regression_digits}


def digits_table(collection: str) -> pd.DataFrame:
    """Digits that agree; one row a data set."""
    return pd.DataFrame(
        [
            {"data set": name, "difficulty": values["difficulty"]} | DIGITS[collection](name)
            for name, values in certified()[collection].items()
        ]
    )


def as_markdown(table: pd.DataFrame) -> str:
    cells = [
        [f"{value:.1f}" if isinstance(value, float) else str(value) for value in line]
        for line in table.to_numpy()
    ]
    lines = [[name.replace("_", " ") for name in table], ["---"] * table.shape[1], *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    print(
        "Digits that agree with the certified values of NIST StRD (log relative error, at most 15)"
    )
    for collection in DIGITS:
        print(f"\n{collection}\n\n{as_markdown(digits_table(collection))}")
