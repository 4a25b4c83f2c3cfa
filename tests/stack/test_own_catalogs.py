"""Catalogs that a user adds to the stack: what is refused, and that Trino has them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from nostro.flight import MemorySource, serve
from nostro.stack import Stack, StackError
from nostro.stack.own_catalogs import own_catalogs
from nostro.stack.query import TrinoSession


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("Risk", "connector.name=tpch", "the catalog's name 'Risk' is not one"),
        ("lake", "connector.name=tpch", "the stack has a catalog lake already"),
        ("system", "connector.name=tpch", "the stack has a catalog system already"),
        ("risk", "arrow-flight.location=grpc://127.0.0.1:1", "does not name its connector"),
    ],
)
def test_refused_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    file = tmp_path / "catalogs" / f"{name}.properties"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(StackError, match=message) as error:
        own_catalogs(tmp_path, {"lake"})
    assert str(file) in str(error.value)


def test_no_directory_is_no_catalogs(tmp_path: Path) -> None:
    assert own_catalogs(tmp_path, set()) == {}


def test_trino_has_them(second_stack: Stack) -> None:
    directory = second_stack.home.root / "catalogs"
    directory.mkdir()
    limits = pa.table({"desk": ["rates", "fx"], "limit_eur": [5_000_000, 2_000_000]})
    try:
        with serve(MemorySource({"risk.limits": limits})) as served:
            (directory / "risk.properties").write_text(
                f"# ours\nconnector.name=arrow_flight\narrow-flight.location={served.location}\n"
            )
            (directory / "sample.properties").write_text("connector.name=tpch\n")
            second_stack.up()
            address = urlsplit(second_stack.trino_address())
            assert address.hostname is not None
            assert address.port is not None
            session = TrinoSession(address.hostname, address.port, "nostro")
            with session.execute("SELECT desk, limit_eur FROM risk.risk.limits ORDER BY desk") as result:
                assert list(result) == [["fx", 2_000_000], ["rates", 5_000_000]]
            with session.execute("SELECT count(*) FROM sample.tiny.region") as result:
                assert list(result) == [[5]]

        (directory / "sample.properties").write_text("connector.name=no_such\n")
        with pytest.raises(StackError, match="catalog sample: no plugin for the connector 'no_such'"):
            second_stack.up()
    finally:
        for file in directory.iterdir():
            file.unlink()
        directory.rmdir()
        second_stack.up()
