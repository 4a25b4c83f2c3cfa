"""What is removed from the staging directory: operations, and nothing else that is in it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pyarrow as pa
import pytest

from nostro.flight import InvalidRequest
from nostro.flight.change_messages import BeginWriteRequest
from nostro.flight.staging import Operation, StagingArea

COLUMNS = pa.schema({"id": pa.int64()})
DAY = 86_400.0


def operation(name: str) -> Operation:
    return Operation(BeginWriteRequest(name, "insert", "bank", "payments", COLUMNS), "process")


def staged(area: StagingArea, name: str, stream: str = "s.1") -> None:
    area.begin(operation(name))
    with area.stream(name, stream, COLUMNS) as writer:
        writer.write(pa.record_batch({"id": pa.array([1], pa.int64())}))
        writer.finish(1, writer.crc32)


def aged(directory: Path) -> None:
    """Everything in it was written two days ago."""
    for path in (*directory.rglob("*"), directory):
        os.utime(path, (time.time() - 2 * DAY,) * 2, follow_symlinks=False)


def others(directory: Path) -> set[Path]:
    """Files that are not the staging area's, in directories that have the names of operations."""
    files = ["month-end-reports/2025.csv", "orders/operation.json", "orders/2025.csv", "rates/eur.arrow"]
    for file in files:
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text("{}", encoding="utf-8")
    (directory / "empty").mkdir()
    (directory / "note").write_text("", encoding="utf-8")
    return set(directory.rglob("*"))


def test_the_sweep_removes_operations_alone(tmp_path: Path) -> None:
    kept = others(tmp_path)
    area = StagingArea(tmp_path)
    staged(area, "lost")
    area.begin(operation("empty-one"))
    aged(tmp_path)
    staged(area, "new")
    assert sorted(area.sweep(DAY)) == ["empty-one", "lost"]
    assert set(tmp_path.rglob("*")) - set((tmp_path / "new").rglob("*")) == kept | {tmp_path / "new"}
    assert area.find("new") is not None


@pytest.mark.parametrize("broken", ["rename", "write_text"])
def test_what_a_begin_that_died_has_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    area = StagingArea(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, broken, die)
        with pytest.raises(KeyboardInterrupt):
            area.begin(operation("died"))
    assert len(list(tmp_path.iterdir())) == 1
    aged(tmp_path)
    area.sweep(DAY)
    assert list(tmp_path.iterdir()) == []


def test_what_a_removal_that_died_has_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    area = StagingArea(tmp_path)
    staged(area, "aborted")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)
        area.discard("aborted")
    assert area.find("aborted") is None
    assert len(list(tmp_path.iterdir())) == 1
    aged(tmp_path)
    area.sweep(DAY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"request": {}}'])
def test_an_operation_with_a_damaged_description_is_swept(tmp_path: Path, text: str) -> None:
    area = StagingArea(tmp_path)
    staged(area, "damaged")
    (tmp_path / "damaged" / "operation.json").write_text(text, encoding="utf-8")
    aged(tmp_path)
    assert area.sweep(DAY) == ["damaged"]
    assert list(tmp_path.iterdir()) == []


def test_directories_of_others_are_no_operations(tmp_path: Path) -> None:
    kept = others(tmp_path)
    area = StagingArea(tmp_path)
    for name in ("month-end-reports", "orders", "rates", "note"):
        area.discard(name)
        with pytest.raises(InvalidRequest, match=f"operation {name}: .* something else"):
            area.begin(operation(name))
    assert set(tmp_path.rglob("*")) == kept


def test_a_link_is_no_operation(tmp_path: Path) -> None:
    staged(StagingArea(tmp_path / "elsewhere"), "linked")
    (tmp_path / "staging").mkdir()
    link = tmp_path / "staging" / "linked"
    link.symlink_to(tmp_path / "elsewhere" / "linked", target_is_directory=True)
    aged(tmp_path)
    assert StagingArea(tmp_path / "staging").sweep(DAY) == []
    assert (link / "s.1.arrow").exists()
