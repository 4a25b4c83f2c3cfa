"""Where this user's Nostro keeps what it makes, and what is the user's own in it: functions and catalogs."""

import os
from collections.abc import Mapping
from pathlib import Path


def home_directory() -> Path:
    """Return the directory of the environment variable NOSTRO_HOME, by default `~/.nostro`."""
    return Path(os.environ.get("NOSTRO_HOME") or "~/.nostro").expanduser().resolve()


def own_functions_directory(home: Path | None = None) -> Path:
    """Return where `nostro build` puts plugins of the user's own functions, each in a directory of its name.

    `home` is by default `home_directory()`.
    """
    return (home if home is not None else home_directory()) / "functions"


def own_catalogs_directory(home: Path | None = None) -> Path:
    """Return where the user puts files of catalogs for the local stack; `home` as above."""
    return (home if home is not None else home_directory()) / "catalogs"


def own_plugins(home: Path | None = None) -> Mapping[str, Path]:
    """Return the directories of the plugins of the user's own functions, by their names in order."""
    # A name that begins with a dot is of one that is being copied.
    directories = [it for it in own_functions_directory(home).glob("[!.]*") if it.is_dir()]
    return {directory.name: directory for directory in sorted(directories)}
