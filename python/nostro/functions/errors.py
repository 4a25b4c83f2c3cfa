"""Errors of functions that are called in this process."""

from __future__ import annotations


class FunctionError(ValueError):
    """A function's own error, with Trino's message.

    `code` is Trino's name of the error, such as `INVALID_FUNCTION_ARGUMENT`; `row` the row of the arguments,
    from 0, that it came of, and `group` the group of an aggregate, where it can be said.
    """

    def __init__(self, message: str, code: str, row: int | None = None, group: int | None = None) -> None:
        place = f" (row {row})" if row is not None else f" (group {group})" if group is not None else ""
        super().__init__(f"{message}{place}")
        self.message = message
        self.code = code
        self.row = row
        self.group = group


class SignatureError(TypeError):
    """No signature of the function takes arguments of these types; the message names all that it has."""


class PluginError(ValueError):
    """A directory is no plugin of Trino's, or this Trino cannot load it; the message says what is wrong."""


class RuntimeNotFoundError(Exception):
    """The Java runtime, JPype or the functions' jars are not there; the message says how to get them."""


class ForkedError(RuntimeError):
    """The process was forked after its first call of a function: a Java machine does not survive that."""
