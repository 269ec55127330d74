"""From one notebook to one page: run it, accept it only when complete, render and check it."""

import sys


def _skip_unused_grammars() -> None:
    """Mark a costly optional import absent, in this process only.

    jsonschema (under nbformat, papermill and nbconvert) imports rfc3987_syntax where JupyterLab
    is installed, and that builds some 35 grammars: 2.7 s a process (jsonschema issues 1392 and
    1428). It is needed for the format "iri" alone, which no notebook schema uses, and jsonschema
    goes without when the import fails. A package that was loaded before is left as it is.
    """
    sys.modules.setdefault("rfc3987_syntax", None)


_skip_unused_grammars()
