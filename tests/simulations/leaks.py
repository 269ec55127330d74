"""Count what gets through: ``python -m tests.simulations.leaks [P1 P5 P6 P7]``; half an hour."""

import sys
import tempfile
import time
from pathlib import Path

from tests.leaks import measured
from tests.leaks.browser import what_ran

ORGANISATIONS, ROUNDS, NAMES = 500, 40, 200


def main() -> None:
    wanted = sys.argv[1:] or ["P1", "P5", "P6", "P7"]
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="leaks-") as folder:
        root = Path(folder)
        if "P1" in wanted:
            told(begun, "P1, P3", measured.scanned_organisations(root, organisations=ORGANISATIONS))
        if "P5" in wanted:
            for name, left in measured.leaked_canaries(root):
                told(begun, f"P5 {name}", left)
        if "P6" in wanted:
            with what_ran() as look:
                told(begun, "P6", measured.hostile_texts(root, rounds=ROUNDS, look=look))
        if "P7" in wanted:
            told(begun, "P7", measured.hostile_organisations(root, count=NAMES))


def told(begun: float, title: str, counted: dict) -> None:
    figures = ", ".join(f"{name} {value}" for name, value in counted.items())
    sys.stdout.write(f"{time.perf_counter() - begun:6.0f} s  {title}: {figures}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
