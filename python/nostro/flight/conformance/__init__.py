"""Checks that a source does as docs/protocol.md says, over the wire: whatever it is written in.

`nostro source check` is the command. A group of checks is a module with a GROUP that `run.GROUPS` lists.
"""

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Outcome, Severity
from nostro.flight.conformance.report import Lack, Report
from nostro.flight.conformance.run import (
    GROUPS,
    NoSource,
    NoSuchCheck,
    NoSuchTable,
    Options,
    check_source,
)

__all__ = [
    "GROUPS",
    "Check",
    "Failure",
    "Group",
    "Lack",
    "NoSource",
    "NoSuchCheck",
    "NoSuchTable",
    "NotApplicable",
    "Options",
    "Outcome",
    "Report",
    "Severity",
    "check_source",
]
