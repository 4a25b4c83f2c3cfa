"""Takes a session's stack down when the session ends without running its fixtures' ends: by SIGKILL, say.

Run as a process of its own; its standard input is a pipe from the session. When the pipe closes, the session
is over: whatever is left of the stack in the given home is ended and its data deleted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from nostro.stack import NostroHome, Stack


def main() -> None:
    sys.stdin.read()
    home = Path(sys.argv[1])
    for partition in psutil.disk_partitions(all=True):
        if Path(partition.mountpoint).is_relative_to(home):
            subprocess.run(["umount", "--lazy", partition.mountpoint], check=False)
    Stack(NostroHome(home)).down(delete_data=True)
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
