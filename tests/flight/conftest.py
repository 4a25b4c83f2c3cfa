"""Sources served in this process, on free loopback ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from nostro.flight import Source, SourceClient, serve

Served = Callable[[Source], SourceClient]

settings.register_profile("flight", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("flight")


@pytest.fixture
def request_log(tmp_path: Path) -> Path:
    return tmp_path / "requests.jsonl"


@pytest.fixture
def served(request_log: Path) -> Iterator[Served]:
    """Serves a source and gives a client of it; its requests are logged in `request_log`."""
    with ExitStack() as stack:

        def start(source: Source) -> SourceClient:
            location = stack.enter_context(serve(source, request_log=request_log)).location
            return stack.enter_context(SourceClient(location))

        yield start
