"""How the benchmarks write their tables."""

from __future__ import annotations

from rich.table import Table


def markdown(table: Table) -> str:
    """The table in Markdown."""
    cells = [[str(column.header).replace("|", "\\|") for column in table.columns]]
    cells.append(["---"] * len(table.columns))
    cells.extend(
        [str(cell).replace("|", "\\|") for cell in row]
        for row in zip(*(column.cells for column in table.columns), strict=True)
    )
    return f"{table.title}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in cells)
