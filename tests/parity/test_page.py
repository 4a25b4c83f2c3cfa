"""The pages of the functions in Python and in DuckDB: their examples are run as they stand."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["python.md", "duckdb.md"])
def test_the_examples_give_what_the_page_says(page: str) -> None:
    failed, tried = doctest.testfile(
        str(DOCS / page), module_relative=False, optionflags=doctest.REPORT_NDIFF
    )
    assert (failed, tried > 10) == (0, True)
