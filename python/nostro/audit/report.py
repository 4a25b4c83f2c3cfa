"""One run as one HTML page that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import jinja2

from nostro.audit.charts import bar_chart, timeline_chart
from nostro.audit.day_figures import DayFigures, FigureTable, read_figures
from nostro.audit.publication import Publication, find_publication
from nostro.audit.timeline import Timeline, read_timeline
from nostro.audit.values import BANK_TIME_ZONE, in_bank_time
from nostro.stack.airflow_client import AirflowClient
from nostro.stack.query import TrinoSession

PAGE = resources.files("nostro.audit") / "page"
FIRST_ROWS = 25
"""Rows of a table that the page has without its script."""

_BYTES_IN_A_KIB = 1024


@dataclass(frozen=True)
class RunReport:
    """What the page shows."""

    publication: Publication
    timeline: Timeline
    figures: DayFigures
    made_at: datetime

    @property
    def is_reconciled(self) -> bool:
        return all(total.is_reconciled for total in self.figures.control_totals)


def read_report(
    session: TrinoSession, business_date: date | None, airflow: AirflowClient | None
) -> RunReport:
    """Read what there is to tell of a business date's newest publication, by default of the last date's.

    Raises NotPublishedError when there is none.
    """
    publication = find_publication(session, business_date)
    # First, for Trino forgets the run's queries as it answers others.
    timeline = read_timeline(session, publication, airflow)
    figures = read_figures(session, publication, str(BANK_TIME_ZONE))
    return RunReport(publication, timeline, figures, datetime.now(UTC))


def render(report: RunReport) -> str:
    """Return the page. Its script and style are allowed by their hashes, and nothing else is."""
    style, script = ((PAGE / name).read_text(encoding="utf-8").strip() for name in ("page.css", "page.js"))
    figures = report.figures
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=_count, size=_size, local=in_bank_time, cell=_cell)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    template = environment.from_string((PAGE / "page.html.jinja").read_text(encoding="utf-8"))
    tables = [
        figures.balances,
        figures.margin,
        *(table for table in (figures.risk, figures.exposures) if table is not None),
        figures.rejects,
    ]
    return template.render(
        report=report,
        publication=report.publication,
        timeline=report.timeline,
        figures=figures,
        chart=timeline_chart(report.timeline.bars),
        bar_chart=bar_chart,
        data={table.name: _data(table) for table in tables},
        first_rows=FIRST_ROWS,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _data(table: FigureTable) -> dict[str, Any]:
    return {
        "columns": [
            {"name": column.name, "kind": column.kind, "unit": column.unit} for column in table.columns
        ],
        "rows": table.rows,
    }


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _size(value: int | None) -> str:
    if value is None:
        return "–"
    size = float(value)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _BYTES_IN_A_KIB:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= _BYTES_IN_A_KIB
    return f"{size:,.1f} TiB"


def _cell(value: Any, kind: str) -> str:
    """Return a table's value as the page's script writes it too."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() if kind == "money":
            whole, point, decimals = value.partition(".")
            return f"{int(whole):,}{point}{decimals}" if whole not in {"-0"} else value
        case int():
            return f"{value:,}"
        case _:
            return str(value)
