"""Rules the responses must keep: what would give a wrong number is refused, the rest is counted.

Every rule looks at all rows and returns all its problems; nothing stops at the first. One module
a question: ``scale`` (do the answers lie on it), ``items`` (does a question behave as one of its
cluster), ``keys`` (does everybody stand once), ``names`` and ``waves`` (is one thing spelt in two
ways), ``contract`` (the columns the next stage counts on).
"""

from research.responses.validation.contract import KEY_COLUMNS, require_contract
from research.responses.validation.items import item_warnings
from research.responses.validation.keys import (
    ALL_FILES,
    EXPORT_TWICE,
    export_problems,
    key_problems,
    require_known_exclusions,
)
from research.responses.validation.names import warnings_about
from research.responses.validation.scale import off_scale_failures, scale_by_role, shifted_scale
from research.responses.validation.waves import wave_problems

__all__ = [
    "ALL_FILES",
    "EXPORT_TWICE",
    "KEY_COLUMNS",
    "export_problems",
    "item_warnings",
    "key_problems",
    "off_scale_failures",
    "require_contract",
    "require_known_exclusions",
    "scale_by_role",
    "shifted_scale",
    "warnings_about",
    "wave_problems",
]
