"""Tiny notebooks, one per situation, made with nbformat by the test that needs them."""

from pathlib import Path

import nbformat
from nbformat import v4

IMPORTS = "import pandas as pd\nfrom research.presentation.display import finish, show"
PARAMETERS = "study: str = 'example'  # folder\norganisation_id: str = 'demo'\nlanguage: str = 'en'"
SECTION = (
    'show(\'<section id="gap" aria-labelledby="gap-h"><h2 id="gap-h">The gap</h2>\''
    " f'<p>Organisation {organisation_id}.</p></section>')"
)
FINISH = (
    "finish(pd.DataFrame({'analysis': ['gap'], 'estimate': [0.1]}), study=study,"
    " organisation_id=organisation_id, language=language, notebook='90_page')"
)
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
KERNEL_KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def make_notebook(
    folder: Path,
    *middle: str,
    parameters: str | None = PARAMETERS,
    section: str = SECTION,
    finish: str = FINISH,
) -> Path:
    """Notebook of a whole page with the ``middle`` cells under the heading 'In the middle'."""
    cells = [v4.new_markdown_cell("# Is this for people only?", metadata={"tags": ["guide"]})]
    if parameters is not None:
        cells.append(v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    cells += [v4.new_code_cell(IMPORTS), v4.new_code_cell(section)]
    cells.append(v4.new_markdown_cell("## In the middle", metadata={"tags": ["guide"]}))
    cells += [v4.new_code_cell(source) for source in middle]
    if finish:
        cells.append(v4.new_code_cell(finish))
    path = folder / "notebooks" / "90_page.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(v4.new_notebook(cells=cells, metadata=METADATA), path)
    return path
