"""What can go wrong between a client and a source, and the gRPC status that each case becomes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyarrow import flight

LONGEST_MESSAGE = 1500
"""Bytes of an error message on the wire: gRPC drops a status whose headers exceed 8 KiB."""


class InvalidRequest(ValueError):
    """The client sent something the protocol or the table does not allow: INVALID_ARGUMENT."""


class NotFound(LookupError):
    """The source has no such schema or table: NOT_FOUND."""


class Unsupported(NotImplementedError):
    """The server does not know the action or message: UNIMPLEMENTED."""


class Unavailable(ConnectionError):
    """The source, or a system behind it, cannot be reached now: UNAVAILABLE."""


class SourceError(RuntimeError):
    """The source's own code failed, or returned something other than it described: INTERNAL."""


class OnTheWire(Exception):
    """An error that has its gRPC status and its message, and goes to the client as it is."""


class _WithoutTraceback(OnTheWire):
    """pyarrow appends the formatted traceback of a Python exception to the message the client sees, unless
    formatting fails: then it appends the class's name alone. The server has logged the traceback itself."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__suppress_context__":
            raise AttributeError(name)
        return super().__getattribute__(name)


class InvalidArgument(_WithoutTraceback, pa.ArrowInvalid):  # type: ignore[misc]
    pass


class MissingTable(_WithoutTraceback, KeyError):
    def __str__(self) -> str:
        return str(self.args[0])


class NotServed(_WithoutTraceback, NotImplementedError):
    pass


class Unreachable(OnTheWire, flight.FlightUnavailableError):  # type: ignore[misc]
    pass


class Failed(OnTheWire, flight.FlightInternalError):  # type: ignore[misc]
    pass


class Cancelled(OnTheWire, flight.FlightCancelledError):  # type: ignore[misc]
    pass


def on_the_wire(error: Exception) -> OnTheWire:
    """The exception that makes pyarrow send `error`'s gRPC status with its message and nothing more."""
    message = fitting(str(error))
    match error:
        case InvalidRequest():
            return InvalidArgument(message)
        case NotFound():
            return MissingTable(message)
        case Unsupported():
            return NotServed(message)
        case Unavailable():
            return Unreachable(message)
        case SourceError():
            return Failed(message)
        case _:
            return Failed(fitting(f"{type(error).__name__}: {error}"))


def fitting(message: str) -> str:
    """The message, cut to what headers have room for; there, a byte that is not ASCII takes three."""
    room = LONGEST_MESSAGE
    for index, character in enumerate(printable := shorten(message, LONGEST_MESSAGE)):
        size = len(character.encode("utf-8"))
        room -= 1 if size == 1 else 3 * size
        if room < 0:
            return printable[:index] + "…"
    return printable


def shorten(text: str, longest: int) -> str:
    printable = text.encode("utf-8", "replace").decode("utf-8")
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"
