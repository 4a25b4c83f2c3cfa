"""Errors of tests of SQL."""

from __future__ import annotations


class SqlTestError(Exception):
    """A test cannot be read or run; the message says which, where and what is accepted."""
