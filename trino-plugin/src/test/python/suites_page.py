"""Writes what `./build.sh suite` ran, and what the checks of sources say of the bank's own, as a page.

python trino-plugin/src/test/python/suites_page.py docs/connector-suites.md
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from nostro.cli.source_check import print_report
from nostro.demo.generator import BankScale, generate
from nostro.demo.ledger import ledger
from nostro.demo.load import build_ledger
from nostro.deploy.plugin import find_plugin
from nostro.flight import Source, serve
from nostro.flight.conformance import Options, check_source
from nostro.flight.duckdb_writes import WritableDuckDBSource

ROOT = Path(__file__).resolve().parents[4]
OF_TRINO = {
    "TestArrowFlightConnectorTest": "BaseConnectorTest",
    "TestArrowFlightConnectorSmokeTest": "BaseConnectorSmokeTest",
    "TestArrowFlightQueryFailureRecovery": "BaseFailureRecoveryTest, retry policy QUERY",
    "TestArrowFlightTaskFailureRecovery": "BaseFailureRecoveryTest, retry policy TASK",
}
OWN = "Nostro's"
SEED = 7
TRANSACTIONS = 1_000
WIDTH = 116
INTRODUCTION = """
# What the connector is tested with

<!-- Written by `./build.sh suite`. -->

Run on {today}: Trino's own suites, and Nostro's tests of the connector, on a DuckDB database behind the SDK
for sources; on other versions than the one it is compiled with, the packaged plugin in its own class loader.

| tests | of | Trino | passed | failed | skipped |
| --- | --- | --- | --- | --- | --- |
""".strip()
SKIPPED = """
## What is skipped

Trino's suites skip what a connector says it doesn't have; why it hasn't is beside the flags in
`TestArrowFlightConnectorTest`.
"""


@dataclass(frozen=True)
class TestClass:
    """What one class came to on one version of Trino."""

    name: str
    trino: str
    tests: int
    failures: int
    errors: int
    skipped: tuple[str, ...]

    @property
    def passed(self) -> int:
        return self.tests - self.failures - self.errors - len(self.skipped)


def test_classes() -> Iterator[TestClass]:
    """The connector's, as Maven left them."""
    modules = {find_plugin().trino_version: ROOT / "trino-plugin"}
    modules |= {module.name: module for module in (ROOT / "trino-versions").glob("[0-9]*")}
    for trino, module in modules.items():
        reports = sorted((module / "target" / "surefire-reports").glob("TEST-*.flight.*.xml"))
        if not reports:
            raise SystemExit(f"no reports of tests in {module}: ./build.sh suite makes them")
        for report in reports:
            suite = ElementTree.parse(report).getroot()
            yield TestClass(
                name=suite.attrib["name"].rsplit(".", 1)[-1],
                trino=trino,
                tests=int(suite.attrib["tests"]),
                failures=int(suite.attrib["failures"]),
                errors=int(suite.attrib["errors"]),
                skipped=tuple(
                    case.attrib["name"].partition("(")[0]
                    for case in suite.findall("testcase")
                    if case.find("skipped") is not None
                ),
            )


def main() -> None:
    page = Path(sys.argv[1])
    classes = sorted(test_classes(), key=lambda it: (it.name not in OF_TRINO, it.name, it.trino))
    with tempfile.TemporaryDirectory() as directory:
        bank = generate(BankScale(transactions=TRANSACTIONS), SEED, Path(directory, "bank"))
        database, store = Path(directory, "ledger.duckdb"), Path(directory, "store.duckdb")
        build_ledger(bank, database)
        build_ledger(bank, store)
        checked = [
            ("The ledger, which is read", told(ledger(str(database)), writes=False)),
            (
                "The same tables in a source that is written to",
                told(WritableDuckDBSource(store), writes=True),
            ),
        ]
    page.write_text("\n".join(lines(classes, checked)), encoding="utf-8")
    print(page)


def told(source: Source, *, writes: bool) -> str:
    """What `nostro source check` prints of a source."""
    printed = StringIO()
    console = Console(file=printed, width=WIDTH)
    with serve(source) as served:
        print_report(check_source(served.location, Options(writes=writes)), console)
        return printed.getvalue().replace(served.location, "grpc://…").rstrip()


def lines(classes: Sequence[TestClass], checked: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield INTRODUCTION.format(today=datetime.now(UTC).date())
    for it in classes:
        counts = (it.passed, it.failures + it.errors, len(it.skipped))
        yield f"| `{it.name}` | {OF_TRINO.get(it.name, OWN)} | {it.trino} | {' | '.join(map(str, counts))} |"
    yield SKIPPED
    for name, of_class in groupby(classes, key=lambda it: it.name):
        for skipped, alike in groupby(of_class, key=lambda it: sorted(set(it.skipped))):
            if skipped:
                yield f"`{name}`, {' and '.join(it.trino for it in alike)}: {', '.join(skipped)}.\n"
    yield "## What `nostro source check` says"
    for title, text in checked:
        yield f"### {title}\n```\n{text}\n```\n"


if __name__ == "__main__":
    main()
