"""What a person sees on the command line while pages are being made."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class PageProgress:
    """A bar over the pages; where nobody watches (a log, CI) a line a page."""

    def __init__(self, title: str, console: Console):
        self.title, self.console = title, console
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    def __enter__(self):
        if self.console.is_terminal:
            self.bar.start()
        self.task = self.bar.add_task(self.title, total=None)
        return self._told

    def __exit__(self, *_):
        self.bar.stop()

    def _told(self, total, outcome) -> None:
        self.bar.update(self.task, total=total, advance=1)
        if not self.console.is_terminal:
            name = outcome.organisation_id or outcome.notebook
            words = outcome.page or "failed"
            self.console.print(f"  {name} ({outcome.language}): {words}, {outcome.seconds:.1f} s")
