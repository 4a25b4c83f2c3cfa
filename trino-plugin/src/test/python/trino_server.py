"""Prints the directory of a Trino server of the plugin's version, which is fetched if it is missing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nostro.deploy.plugin import find_plugin
from nostro.java import find_java
from nostro.stack import SilentProgress
from nostro.stack.distribution import find_server


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        print(find_server(find_plugin().trino_version, find_java(), SilentProgress(), Path(directory, "log")))


if __name__ == "__main__":
    main()
