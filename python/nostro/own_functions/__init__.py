"""Projects of one's own functions: made, built, and put where Trino, DuckDB and Python find them."""

from nostro.own_functions.errors import OwnFunctionsError

__all__ = ["OwnFunctionsError"]
