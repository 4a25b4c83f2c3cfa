"""The geometry of the report's charts: where each bar lies, in the units of its drawing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from nostro.audit.day_figures import Bar
from nostro.audit.timeline import TaskBar

BAR_WIDTH = 340.0
LINE_HEIGHT = 24
TIMELINE_WIDTH = 700.0
TICKS_AT_MOST = 8
_TICK_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
LEAST_WIDTH = 2.0


@dataclass(frozen=True)
class Shape:
    """A rectangle of a chart on a line, with the text that tells of it."""

    line: int
    x: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True)
class BarChart:
    """Bars from a zero line, to its left where negative."""

    labels: tuple[str, ...]
    values: tuple[str, ...]
    shapes: tuple[Shape, ...]
    zero: float
    height: int


@dataclass(frozen=True)
class Tick:
    """A time on the time line's axis."""

    x: float
    text: str


@dataclass(frozen=True)
class TimelineChart:
    """Tasks on lines of their own; a mapped task's instances share one."""

    labels: tuple[str, ...]
    shapes: tuple[Shape, ...]
    ticks: tuple[Tick, ...]
    height: int


def bar_chart(bars: Sequence[Bar], decimals: int = 2) -> BarChart:
    """Draw amounts as bars of one scale."""
    least = min((bar.amount for bar in bars), default=Decimal(0))
    most = max((bar.amount for bar in bars), default=Decimal(0))
    low, high = min(least, Decimal(0)), max(most, Decimal(0))
    scale = BAR_WIDTH / float(high - low or 1)
    zero = float(-low) * scale
    shapes = []
    for line, bar in enumerate(bars):
        width = max(abs(float(bar.amount)) * scale, LEAST_WIDTH if bar.amount else 0)
        shapes.append(
            Shape(
                line=line,
                x=round(zero - width if bar.amount < 0 else zero, 1),
                width=round(width, 1),
                kind="negative" if bar.amount < 0 else "positive",
                text=f"{bar.label}: {bar.amount:,.{decimals}f}",
            )
        )
    return BarChart(
        labels=tuple(bar.label for bar in bars),
        values=tuple(f"{bar.amount:,.{decimals}f}" for bar in bars),
        shapes=tuple(shapes),
        zero=round(zero, 1),
        height=len(bars) * LINE_HEIGHT,
    )


def timeline_chart(bars: Sequence[TaskBar]) -> TimelineChart | None:
    """Draw tasks, and in each the queries whose times are known; None when no time is known."""
    spans = [(bar.started_at, bar.ended_at) for bar in bars]
    spans += [(query.started_at, query.ended_at) for bar in bars for query in bar.queries]
    times = [time for span in spans for time in span if time is not None]
    if not times:
        return None
    start, end = min(times), max(times)
    scale = TIMELINE_WIDTH / max((end - start).total_seconds(), 1.0)

    def shape(
        line: int, began: datetime | None, ended: datetime | None, kind: str, text: str
    ) -> Shape | None:
        known = began or ended
        if known is None:
            return None
        x = (known - start).total_seconds() * scale
        width = ((ended or known) - known).total_seconds() * scale
        width = max(width, LEAST_WIDTH)
        return Shape(line, round(min(x, TIMELINE_WIDTH - LEAST_WIDTH), 1), round(width, 1), kind, text)

    tasks = list(dict.fromkeys(bar.task for bar in bars))
    instances = Counter(bar.task for bar in bars if "[" in bar.label or bar.label != bar.task)
    shapes = []
    for bar in bars:
        line = tasks.index(bar.task)
        tried = f", try {bar.try_number}" if bar.try_number else ""
        took = "" if bar.seconds is None else f", {bar.seconds:,.1f} s"
        kind = bar.state if bar.state in {"success", "failed"} else "other"
        shapes.append(
            shape(line, bar.started_at, bar.ended_at, kind, f"{bar.label}{tried}: {bar.state}{took}")
        )
        for query in bar.queries:
            kind = "query-failed" if query.state == "FAILED" else "query"
            shapes.append(
                shape(line, query.started_at, query.ended_at, kind, f"query {query.query_id}: {query.state}")
            )
    return TimelineChart(
        labels=tuple(f"{task} × {instances[task]}" if instances[task] > 1 else task for task in tasks),
        shapes=tuple(one for one in shapes if one is not None),
        ticks=_ticks((end - start).total_seconds(), scale),
        height=len(tasks) * LINE_HEIGHT,
    )


def _ticks(seconds: float, scale: float) -> tuple[Tick, ...]:
    step = next(
        (one for one in _TICK_SECONDS if seconds / one <= TICKS_AT_MOST),
        math.ceil(seconds / TICKS_AT_MOST),
    )
    return tuple(
        Tick(round(at * scale, 1), "0" if at == 0 else str(timedelta(seconds=at)).removeprefix("0:"))
        for at in range(0, math.floor(seconds) + 1, step)
    )
