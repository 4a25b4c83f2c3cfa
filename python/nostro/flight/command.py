"""The command `python -m nostro.flight serve MODULE:OBJECT`."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from nostro.flight.reload import Reloader, free_port
from nostro.flight.server import LOCATION, ServedSource, serve
from nostro.flight.source import Source
from nostro.flight.stop_signals import StopSignals

STOP_SECONDS = 15.0
"""How long a stop may take before the process ends regardless."""
PARENT_SECONDS = 0.5
"""How often a process that serves for another looks whether that is still there."""


class UsageError(ValueError):
    """The command line cannot be served; the message says why."""


@dataclass(frozen=True)
class Serving:
    """What is to be served, and how: the arguments of the command."""

    reference: str
    location: str = "grpc://127.0.0.1:0"
    options: tuple[str, ...] = ()
    request_log: Path | None = None
    metrics: int | None = None
    parent: int | None = None
    """The process that it ends with."""

    def arguments(self) -> list[str]:
        """The command line of `python -m nostro.flight` that does it."""
        words = ["serve", self.reference, "--location", self.location]
        words += [word for option in self.options for word in ("--option", option)]
        for name, value in (
            ("--request-log", self.request_log),
            ("--metrics", self.metrics),
            ("--parent", self.parent),
        ):
            words += [] if value is None else [name, str(value)]
        return words


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
    serve_parser.add_argument(
        "--metrics",
        type=int,
        metavar="PORT",
        help="serve metrics for Prometheus at http://127.0.0.1:PORT/metrics; port 0 picks a free one",
    )
    serve_parser.add_argument(
        "--reload", action="store_true", help="start again when the module's files change: while developing"
    )
    serve_parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    serving = Serving(
        parsed.source,
        parsed.location,
        tuple(parsed.option),
        parsed.request_log,
        parsed.metrics,
        parsed.parent,
    )
    try:
        if parsed.reload:
            return run_reloading(serving)
        run(serving)
    except (UsageError, OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def run_reloading(serving: Serving) -> int:
    """As `run`, in a process that is started again when the module's files change, at the same ports."""
    _check_reference(serving.reference)
    options_of(serving.options)
    match = LOCATION.fullmatch(serving.location)
    if not match:
        raise UsageError(f"location {serving.location!r}: accepted: grpc://HOST:PORT")
    sys.path.insert(0, str(Path.cwd()))
    kept = replace(
        serving,
        location=f"grpc://{match[1]}:{int(match[2]) or free_port(match[1])}",
        metrics=free_port("127.0.0.1") if serving.metrics == 0 else serving.metrics,
        parent=os.getpid(),
    )
    return Reloader([sys.executable, "-m", "nostro.flight", *kept.arguments()], serving.reference).run()


def run(serving: Serving) -> NoReturn:
    """Serve until SIGTERM or SIGINT, and then end the process with status 0. Raises UsageError, OSError."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with StopSignals() as stop:
        source = load_source(serving.reference, options_of(serving.options))
        try:
            served = serve(source, serving.location, serving.request_log, serving.metrics)
        except BaseException:
            source.close()
            raise
        print(served.location, flush=True)
        if served.metrics is not None:
            print(served.metrics, flush=True)
        if serving.parent is None:
            stop.wait()
        while not stop.wait(PARENT_SECONDS) and os.getppid() == serving.parent:
            pass
        _end(served)


def _end(served: ServedSource) -> NoReturn:
    """Close what is served, and end the process."""
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
    module_name, name = _check_reference(reference)
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


def _check_reference(reference: str) -> tuple[str, str]:
    module, separator, name = reference.partition(":")
    if not (module and separator and name):
        raise UsageError(f"source {reference!r}: accepted: MODULE:OBJECT")
    return module, name
