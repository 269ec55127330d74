"""Random numbers with a name: the same draws whatever ran before and on whatever worker."""

import hashlib
import json

import numpy as np


def named_generator(seed: int, *names: str) -> np.random.Generator:
    """Generator whose stream follows from the study's seed and the names alone.

    ``named_generator(seed, "gap", "power")`` draws the same numbers in every process, before or
    after anything else; another name or another seed gives an independent stream. Names are kept
    apart: ("gap", "power") is not ("gap/power",). SHA-256 of seed and names feeds a
    ``SeedSequence``; Python's own ``hash`` changes from process to process and would not do. The
    bit generator is PCG64 by name, so a new default of numpy changes nothing.
    """
    text = json.dumps([int(seed), *(str(name) for name in names)], ensure_ascii=True)
    words = np.frombuffer(hashlib.sha256(text.encode("ascii")).digest(), dtype="<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words.tolist())))
