"""A stack's home that is taken down and deleted however its user ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nostro.stack import NostroHome, Stack

REAPER = Path(__file__).with_name("reaper.py")


@contextmanager
def own_home(prefix: str) -> Iterator[NostroHome]:
    """Give a home in a new folder; afterwards nothing of it is left, neither processes nor files."""
    root = Path(tempfile.mkdtemp(prefix=prefix))
    reaper = subprocess.Popen(
        [sys.executable, str(REAPER), str(root)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield NostroHome(root)
    finally:
        Stack(NostroHome(root)).down(delete_data=True)
        shutil.rmtree(root, ignore_errors=True)
        assert reaper.stdin is not None
        reaper.stdin.close()
        reaper.wait()
