"""Files of catalogs that a user adds to the stack: what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nostro.stack import StackError
from nostro.stack.own_catalogs import own_catalogs


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
