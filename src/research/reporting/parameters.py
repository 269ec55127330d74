"""Parameters are checked against the notebook before it runs.

papermill itself only logs an unknown parameter and runs on with the default: the page of the
wrong organisation, under the right name.
"""

import ast
from collections.abc import Mapping

import papermill
from nbformat import NotebookNode

from research.errors import InputError, nearest

PARAMETERS_TAG = "parameters"
# These say whose page it is; a default would make the example's page under another name.
IDENTITY = ("study", "organisation_id", "language")
TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
}


def check_parameters(
    notebook: NotebookNode, parameters: Mapping[str, object], *, name: str
) -> dict[str, object]:
    """Return every parameter with the value the run will have, in the notebook's order.

    Raises
    ------
    InputError
        Listing every parameter that is unknown, missing or of the wrong type.
    """
    defaults = _defaults(notebook, name)
    declared = {
        key: _type_name(found["inferred_type_name"], defaults[key])
        for key, found in papermill.inspect_notebook(notebook).items()
        if key in defaults
    }
    unread = sorted(set(defaults) - set(declared))
    if unread:
        raise InputError(
            f"{name}: the parameters cell cannot be read at {', '.join(unread)}. Write one literal "
            "a line, as in: language: str = 'nl'  # nl or en"
        )
    wrong = [
        *_unknown(parameters, declared),
        *_missing(parameters, declared),
        *_mistyped(parameters, declared),
    ]
    if wrong:
        known = ", ".join(f"{key} ({kind})" for key, kind in declared.items())
        raise InputError(f"{name}: {' '.join(wrong)} Parameters of this notebook: {known}.")
    return {**defaults, **parameters}


def _defaults(notebook: NotebookNode, name: str) -> dict[str, object]:
    """Literal values of the parameters cell."""
    cells = [c for c in notebook.cells if PARAMETERS_TAG in c.get("metadata", {}).get("tags", [])]
    if len(cells) != 1:
        found = "no cell" if not cells else f"{len(cells)} cells"
        raise InputError(
            f"{name} has {found} tagged '{PARAMETERS_TAG}'; it needs exactly one. Without it "
            "the values given would be overwritten by the notebook's own."
        )
    values: dict[str, object] = {}
    for statement in ast.parse(cells[0].source).body:
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        target = targets[0]
        try:
            values[target.id] = ast.literal_eval(statement.value)
        except (AttributeError, TypeError, ValueError):
            raise InputError(
                f"{name}: line {statement.lineno} of the parameters cell is no literal. A value "
                "computed there would keep its default when the parameter changes."
            ) from None
    return values


def _type_name(annotation: str, default: object) -> str:
    base = annotation.split("[", 1)[0].strip()
    return base if base in TYPES else type(default).__name__


def _unknown(given: Mapping[str, object], declared: Mapping[str, str]) -> list[str]:
    return [
        f"Unknown parameter '{key}'. {nearest(str(key), declared)}"
        for key in given
        if key not in declared
    ]


def _missing(given: Mapping[str, object], declared: Mapping[str, str]) -> list[str]:
    return [
        f"Missing parameter '{key}': it decides whose page this is."
        for key in IDENTITY
        if key in declared and key not in given
    ]


def _mistyped(given: Mapping[str, object], declared: Mapping[str, str]) -> list[str]:
    wrong = []
    for key, value in given.items():
        wanted = declared.get(key)
        if wanted not in TYPES:
            continue
        is_flag = isinstance(value, bool)
        if not isinstance(value, TYPES[wanted]) or (is_flag and wanted != "bool"):
            wrong.append(
                f"Parameter '{key}' must be {wanted}, not {type(value).__name__} ({value!r})."
            )
    return wrong
