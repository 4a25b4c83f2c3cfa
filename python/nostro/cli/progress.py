"""Draws the stack's progress with Rich."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from nostro.stack.progress import SilentStep, Step

_REDRAWS_PER_SECOND = 8


class _DrawnStep:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def update(
        self, *, completed: float | None = None, total: float | None = None, detail: str | None = None
    ) -> None:
        if total is not None:
            self._progress.update(self._task, total=total)
        if completed is not None:
            self._progress.update(self._task, completed=completed)
        if detail is not None:
            self._progress.update(self._task, detail=detail)


class DrawnProgress:
    """A `nostro.stack.Progress` on the terminal's standard error: a bar while a step lasts, then its time."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console if console is not None else Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Draw a bar until the step ends; then leave one line with the time it took.

        Where there is no terminal, one line tells that it begins and one that it has ended.
        """
        began = monotonic()
        if not self._console.is_terminal:
            self.note(f"… {title}")
            yield SilentStep()
            self.note(f"✓ {title} {monotonic() - began:.1f} s")
            return
        columns = [
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            *([DownloadColumn()] if unit == "bytes" else []),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}", style="dim", markup=False),
        ]
        with Progress(
            *columns, console=self._console, transient=True, refresh_per_second=_REDRAWS_PER_SECOND
        ) as progress:
            task = progress.add_task(title, total=total, detail="")
            try:
                yield _DrawnStep(progress, task)
            except BaseException:
                self._console.print(f"[red]✗[/red] {title} [dim]{monotonic() - began:.1f} s[/dim]")
                raise
        self._console.print(f"[green]✓[/green] {title} [dim]{monotonic() - began:.1f} s[/dim]")

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False)
