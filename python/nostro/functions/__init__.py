"""Nostro's SQL functions, called in this process on Arrow data, and their catalogue.

    from nostro.functions import iban_is_valid, xirr

Each function of the catalogue is an attribute: see :class:`nostro.functions.calls.ScalarFunction` and
:class:`nostro.functions.calls.AggregateFunction`. Nothing is started on import; the first call starts Java.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "open_vault":
        from nostro.functions.vault import open_vault  # noqa: PLC0415

        return open_vault
    if name == "load_plugin":
        from nostro.functions.plugin import load_plugin  # noqa: PLC0415

        return load_plugin
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nostro.functions.calls import function  # noqa: PLC0415  (no pyarrow for the catalogue alone)

    try:
        return function(name)
    except KeyError:
        raise AttributeError(
            f"module {__name__!r} has no function {name!r}; `nostro functions` lists them"
        ) from None


def __dir__() -> list[str]:
    from nostro.functions.bound import functions  # noqa: PLC0415

    return sorted([*globals(), "load_plugin", "open_vault", *functions()])
