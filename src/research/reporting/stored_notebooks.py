"""Notebooks as they are kept in git: no outputs, no counts, no trace of a run."""

from pathlib import Path

import nbformat

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def clean_notebooks(folder: Path) -> list[str]:
    """Strip every notebook of a folder; returns the names of those that changed."""
    changed = []
    for path in sorted(folder.glob("*.ipynb")):
        before = path.read_text(encoding="utf-8")
        after = _cleaned(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path.name)
    return changed


def _cleaned(text: str) -> str:
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"
