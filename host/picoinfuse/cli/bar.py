"""A bar for work that takes some seconds, with lines above it; in a log, only the lines."""

from __future__ import annotations

from types import TracebackType
from typing import Any


class Bar:
    """A context manager. per_unit: so many of what `at` counts are one of `unit`, as the bar shows it."""

    def __init__(self, title: str, *, unit: str, per_unit: int) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=True)
        self._title = title
        self._unit = unit
        self._per_unit = per_unit
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, text: str) -> None:
        """Write a line, above the bar if there is one."""
        self._console.print(text, markup=False)

    def at(self, done: int, total: int) -> None:
        """Draw so much of the whole. Nothing is drawn for no work, or where nobody looks at a terminal."""
        if not total or not self._console.is_terminal:
            return
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[now]}"),
                console=self._console,
                auto_refresh=False,
            )
            self._task = self._bar.add_task(self._title, total=total, now="")
            self._bar.start()
        now = f"{done / self._per_unit:.0f} of {total / self._per_unit:.0f} {self._unit}"
        self._bar.update(self._task, completed=done, now=now)
        self._bar.refresh()
