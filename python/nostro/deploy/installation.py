"""A Trino installation that plugins are put into.

The plugins and the catalog files are first copied beside their places, and checked there; then each is
renamed into its place. What they replace is kept until the end, and a journal beside it tells what to undo.
All of it is a few POSIX shell commands, the same ones on this machine and on another.
"""

import re
import shlex
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from nostro.deploy.errors import DeploymentError
from nostro.deploy.shell import LocalShell, Shell, SshShell

_REQUIRED_DIRECTORIES = ("lib", "plugin")
_TRINO_JAR = re.compile(r"(?:io\.trino_)?trino-(?:main|spi)-(?P<version>[0-9][^/]*)\.jar")

_PRELUDE = """set -eu
umask 022
root={root}
etc={etc}
plugins=$root/plugin
work=$root/.nostro-deploy
catalogs=$etc/catalog
"""

_UNDO = """
if [ -d "$work" ]; then
    if [ -f "$work/new-plugins" ]; then
        while read -r name; do rm -rf "$plugins/$name"; done < "$work/new-plugins"
    fi
    for previous in "$work/previous"/*; do
        if [ -d "$previous" ]; then
            rm -rf "$plugins/${previous##*/}"
            mv "$previous" "$plugins/${previous##*/}"
        fi
    done
    if [ -f "$work/new-catalogs" ]; then
        while read -r file; do rm -f "$catalogs/$file"; done < "$work/new-catalogs"
    fi
    for file in "$catalogs"/.*.nostro-previous; do
        if [ -f "$file" ]; then
            final=${file##*/.}
            mv "$file" "$catalogs/${final%.nostro-previous}"
        fi
    done
    rm -rf "$work"
fi
if [ -d "$catalogs" ]; then
    rm -f "$catalogs"/.*.nostro-new "$catalogs"/.*.nostro-previous
fi
"""

_CHECKSUMS = """
cd {directory}
if command -v sha256sum > /dev/null; then sha256sum -- {files}; else shasum -a 256 -- {files}; fi
"""


class Installation:
    """The Trino installation at a directory of some machine."""

    def __init__(self, shell: Shell, root: PurePosixPath, etc: PurePosixPath | None = None) -> None:
        self._shell = shell
        self._root = root
        self._etc = etc if etc is not None else root / "etc"

    @property
    def name(self) -> str:
        """The installation as the user knows it."""
        return str(self._root) if isinstance(self._shell, LocalShell) else f"{self._shell.name}:{self._root}"

    def trino_version(self) -> str:
        """Return the installed Trino's version. Raises DeploymentError when there is no Trino."""
        listing = self._run(
            "for directory in lib plugin; do\n"
            '    if [ ! -d "$root/$directory" ]; then echo "missing $directory"; exit 0; fi\n'
            "done\n"
            'ls "$root/lib"\n'
        )
        versions = {
            found.group("version")
            for found in (_TRINO_JAR.fullmatch(line.strip()) for line in listing.splitlines())
            if found is not None
        }
        if len(versions) != 1:
            raise DeploymentError(
                f"{self.name} is not a Trino installation: it should have the directories "
                f"{' and '.join(_REQUIRED_DIRECTORIES)}, and one version of trino-main-*.jar in lib",
                "give the directory that Trino's server tarball was unpacked to",
            )
        return versions.pop()

    def recover(self) -> None:
        """Undo what an interrupted deployment left."""
        self._run(_UNDO)

    def stage(self, plugins: IO[bytes], catalogs: IO[bytes]) -> None:
        """Copy the plugins' directories and the catalog files (two tar streams) beside their places."""
        self._run('mkdir "$work" "$work/plugins"\ntar -xof - -C "$work/plugins"\n', plugins)
        self._run('mkdir -p "$catalogs"\ntar -xof - -C "$catalogs"\n', catalogs)

    def staged_checksums(self) -> dict[str, str]:
        """Return the SHA-256 of each staged file, by `PLUGIN/FILE`."""
        return _parse_checksums(self._run(_CHECKSUMS.format(directory='"$work/plugins"', files="*/*")))

    def installed_checksums(self, plugins: Collection[str]) -> dict[str, str]:
        """Return the SHA-256 of each installed file of the plugins of these names, by `PLUGIN/FILE`."""
        files = " ".join(f"{shlex.quote(name)}/*" for name in plugins)
        return _parse_checksums(self._run(_CHECKSUMS.format(directory='"$plugins"', files=files)))

    def activate(self, plugins: Collection[str], catalogs: Collection[str]) -> None:
        """Rename what was staged, the plugins and the catalogs of these names, into its place."""
        script = ['mkdir "$work/previous"']
        for name in plugins:
            script += [
                f"name={shlex.quote(name)}",
                'if [ -d "$plugins/$name" ]; then mv "$plugins/$name" "$work/previous/$name"',
                'else echo "$name" >> "$work/new-plugins"; fi',
                'mv "$work/plugins/$name" "$plugins/$name"',
            ]
        for name in catalogs:
            file = shlex.quote(f"{name}.properties")
            script += [
                f"file={file}",
                'if [ -f "$catalogs/$file" ]; then mv "$catalogs/$file" "$catalogs/.$file.nostro-previous"',
                'else echo "$file" >> "$work/new-catalogs"; fi',
                'mv "$catalogs/.$file.nostro-new" "$catalogs/$file"',
            ]
        self._run("\n".join(script))

    def finish(self) -> None:
        """Delete what was replaced. From here on nothing is undone."""
        self._run(
            'mv "$work" "$work.done.$$"\nrm -rf "$root"/.nostro-deploy.done.*\n'
            'rm -f "$catalogs"/.*.nostro-previous\n'
        )

    def undo(self) -> None:
        """Put everything back as it was before `stage`."""
        self._run(_UNDO)

    def _run(self, script: str, content: IO[bytes] | None = None) -> str:
        prelude = _PRELUDE.format(root=shlex.quote(str(self._root)), etc=shlex.quote(str(self._etc)))
        return self._shell.run(prelude + script, content)


def open_installation(target: str, etc: str | None = None) -> Installation:
    """Return the installation that a target names: `DIR`, `HOST:DIR` or `ssh://[USER@]HOST[:PORT]/DIR`."""
    etc_directory = None if etc is None else PurePosixPath(etc)
    if target.startswith("ssh://"):
        parts = urlsplit(target)
        if not parts.hostname or parts.path in {"", "/"}:
            raise DeploymentError(f"{target}: accepted is ssh://[USER@]HOST[:PORT]/DIR")
        host = parts.hostname if parts.username is None else f"{parts.username}@{parts.hostname}"
        return Installation(SshShell(host, parts.port), PurePosixPath(unquote(parts.path)), etc_directory)
    host, separator, path = target.partition(":")
    if separator and "/" not in host:
        if not host or host.startswith("-") or not path.startswith("/"):
            raise DeploymentError(f"{target}: accepted is HOST:/DIR")
        return Installation(SshShell(host), PurePosixPath(path), etc_directory)
    return Installation(LocalShell(), PurePosixPath(target), etc_directory)


def _parse_checksums(output: str) -> dict[str, str]:
    checksums: dict[str, str] = {}
    for line in output.splitlines():
        digest, _, name = line.partition(" ")
        checksums[name.lstrip(" *")] = digest
    return checksums
