"""The built plugin directories: Nostro's own, and those of the user's own functions."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from nostro.home import own_plugins

PROPERTIES_FILE = "nostro-plugin.properties"
FUNCTIONS_FILE = "nostro-functions.json"
NOSTRO = "nostro"


class PluginNotFoundError(Exception):
    """There is no built plugin."""


@dataclass(frozen=True)
class Plugin:
    """A plugin directory as the build leaves it, with its own version.

    It is compiled with one version of Trino, which the local stack runs, and runs on all that it names.
    `name` is that of its directory among Trino's plugins.
    """

    directory: Path
    version: str
    trino_version: str
    trino_versions: tuple[str, ...]
    name: str = NOSTRO

    @property
    def runs_on(self) -> str:
        """The versions of Trino that it runs on, in words."""
        return f"Trino {', '.join(self.trino_versions)}"

    def files(self) -> list[Path]:
        """Return the plugin's files, sorted by name. The directory is flat."""
        return sorted(path for path in self.directory.iterdir() if path.is_file())

    def checksums(self) -> dict[str, str]:
        """Return each file's SHA-256 by its name."""
        return {file.name: sha256(file) for file in self.files()}

    def fingerprint(self) -> str:
        """Return a short text that changes when a file of the plugin does."""
        digest = hashlib.sha256()
        for file in self.files():
            state = file.stat()
            digest.update(f"{file.name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:16]


def find_plugin() -> Plugin:
    """Return the plugin of the environment variable NOSTRO_PLUGIN_DIR, else that of this checkout.

    Raises PluginNotFoundError, which says where a plugin was looked for.
    """
    chosen = os.environ.get("NOSTRO_PLUGIN_DIR")
    if chosen:
        return read_plugin(Path(chosen).expanduser().resolve())
    target = Path(__file__).resolve().parents[3] / "trino-plugin" / "target"
    built = [path.parent for path in target.glob(f"nostro-trino-*/{PROPERTIES_FILE}")]
    if not built:
        raise PluginNotFoundError(
            f"the Trino plugin is not built: no {PROPERTIES_FILE} in {target / 'nostro-trino-*'}"
        )
    return read_plugin(max(built, key=lambda directory: (directory / PROPERTIES_FILE).stat().st_mtime))


def find_own_plugins(home: Path | None = None) -> list[Plugin]:
    """Return the plugins of the user's own functions, which `nostro build` has put into the home.

    Raises PluginNotFoundError for a directory there that is none.
    """
    # Trino has plugins of all names; none of them begins so.
    return [read_plugin(directory, f"{NOSTRO}-{name}") for name, directory in own_plugins(home).items()]


def read_plugin(directory: Path, name: str = NOSTRO) -> Plugin:
    """Return the plugin at a directory. Raises PluginNotFoundError when it is none."""
    file = directory / PROPERTIES_FILE
    try:
        properties = read_properties(file)
    except OSError as error:
        raise PluginNotFoundError(
            f"{directory} is not a Nostro plugin: {error.strerror} ({file.name})"
        ) from None
    try:
        return Plugin(
            directory,
            properties["plugin.version"],
            properties["trino.version"],
            tuple(properties["trino.versions"].split()),
            name,
        )
    except KeyError as error:
        raise PluginNotFoundError(f"{file} has no property {error.args[0]}") from None


def read_properties(file: Path) -> dict[str, str]:
    """Return what a file of lines `KEY=VALUE` says. Raises OSError when it can't be read."""
    properties: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            properties[key.strip()] = value.strip()
    return properties


def sha256(file: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
