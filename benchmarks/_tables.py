"""How the benchmarks write their tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table


def write_page(path: Path, title: str, command: str, introduction: str, tables: Sequence[Table]) -> None:
    """Write a page of the tables that a command has printed, with what it ran on."""
    parts = [
        f"# {title}",
        f"<!-- Written by `{command}`. -->",
        introduction.strip(),
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {platform.machine()}, "
        f"{platform.system()}.",
        *(markdown(table) for table in tables),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def markdown(table: Table) -> str:
    """The table in Markdown."""
    cells = [[str(column.header).replace("|", "\\|") for column in table.columns]]
    cells.append(["---"] * len(table.columns))
    cells.extend(
        [str(cell).replace("|", "\\|") for cell in row]
        for row in zip(*(column.cells for column in table.columns), strict=True)
    )
    return f"## {table.title}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in cells)
