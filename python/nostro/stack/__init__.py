"""The local stack: PostgreSQL, Trino, the lake, the ledger and Airflow under one home directory.

The names below are loaded when they are first used, so that `nostro.java` runs on a bare Python.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nostro.stack.airflow_client import AirflowClient
    from nostro.stack.errors import StackError
    from nostro.stack.home import NostroHome
    from nostro.stack.progress import Progress, SilentProgress, Step
    from nostro.stack.stack import Stack
    from nostro.stack.status import PartStatus

__all__ = [
    "AirflowClient",
    "NostroHome",
    "PartStatus",
    "Progress",
    "SilentProgress",
    "Stack",
    "StackError",
    "Step",
]

_MODULES = {
    "AirflowClient": "nostro.stack.airflow_client",
    "NostroHome": "nostro.stack.home",
    "PartStatus": "nostro.stack.status",
    "Progress": "nostro.stack.progress",
    "SilentProgress": "nostro.stack.progress",
    "Stack": "nostro.stack.stack",
    "StackError": "nostro.stack.errors",
    "Step": "nostro.stack.progress",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
