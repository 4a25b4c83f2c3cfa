"""Tests of SQL written for Trino, run in DuckDB with no server, and on a Trino beside it."""

SUFFIX = ".sqltest.toml"
"""Of the files that are such tests."""
