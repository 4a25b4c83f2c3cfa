"""The command `python -m nostro.flight serve MODULE:OBJECT`."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from nostro.flight.server import serve
from nostro.flight.source import Source

STOP_SECONDS = 15.0
"""How long a stop may take before the process ends regardless."""


class UsageError(ValueError):
    """The command line cannot be served; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nostro.flight", description="Serve in-house sources to Trino."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve_parser = commands.add_parser(
        "serve", help="serve a source until stopped", description="Serve a source until SIGTERM or SIGINT."
    )
    serve_parser.add_argument(
        "source",
        metavar="MODULE:OBJECT",
        help="a Source, or a function that takes the options and returns one",
    )
    serve_parser.add_argument(
        "--location",
        default="grpc://127.0.0.1:0",
        help="grpc://HOST:PORT to listen at; port 0 picks a free one (default: %(default)s)",
    )
    serve_parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an argument for the function MODULE:OBJECT; may be repeated",
    )
    serve_parser.add_argument(
        "--request-log", type=Path, metavar="PATH", help="append a JSON line for each read and each stream"
    )
    parsed = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return run(parsed.source, parsed.location, options_of(parsed.option), parsed.request_log)
    except (UsageError, OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def run(reference: str, location: str, options: Mapping[str, str], request_log: Path | None) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    source = load_source(reference, options)
    try:
        served = serve(source, location, request_log)
    except BaseException:
        source.close()
        raise
    print(served.location, flush=True)
    stop.wait()
    closer = threading.Thread(target=served.close, daemon=True)
    closer.start()
    closer.join(STOP_SECONDS)
    sys.stdout.flush()
    sys.stderr.flush()
    # a thread of gRPC may still wait for a client that reads no further; nothing is left to lose
    os._exit(0)


def options_of(texts: Sequence[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not separator or not key.isidentifier():
            raise UsageError(f"--option {key}: accepted: KEY=VALUE")
        if key in options:
            raise UsageError(f"--option {key}: given twice")
        options[key] = value
    return options


def load_source(reference: str, options: Mapping[str, str]) -> Source:
    """Import MODULE:OBJECT and make the source; raises UsageError."""
    module_name, separator, name = reference.partition(":")
    if not (module_name and separator and name):
        raise UsageError(f"source {reference!r}: accepted: MODULE:OBJECT")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UsageError(f"source {reference!r}: no module {error.name}") from error
    found = getattr(module, name, None)
    if found is None:
        raise UsageError(f"source {reference!r}: module {module_name} has no {name}")
    if isinstance(found, Source):
        if options:
            raise UsageError(f"source {reference!r} is a Source already and takes no options")
        return found
    if not callable(found):
        raise UsageError(f"source {reference!r}: accepted: a Source, or a function that returns one")
    try:
        source = found(**options)
    except TypeError as error:
        raise UsageError(f"source {reference!r}: {error}") from error
    if not isinstance(source, Source):
        raise UsageError(f"source {reference!r} returned {type(source).__name__}; accepted: a Source")
    return source
