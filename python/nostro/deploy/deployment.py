"""Putting plugins into Trino installations: into all of them or into none."""

import io
import re
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nostro.deploy.errors import DeploymentError
from nostro.deploy.installation import Installation
from nostro.deploy.plugin import NOSTRO, Plugin

CATALOG_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LOCATION = re.compile(r"grpc(\+tls|\+tcp)?://[^\s/]+:\d+")


@dataclass(frozen=True)
class CatalogFile:
    """A catalog: its name, and the content and permissions of its properties file."""

    name: str
    content: bytes
    mode: int = 0o644


def read_catalog(text: str) -> CatalogFile:
    """Return the catalog that a text names: a properties file, or `NAME=LOCATION` of a Flight source."""
    name, separator, location = text.partition("=")
    if separator and _LOCATION.fullmatch(location):
        catalog = CatalogFile(
            name, f"connector.name=arrow_flight\narrow-flight.location={location}\n".encode()
        )
    elif text.endswith(".properties"):
        file = Path(text)
        try:
            catalog = CatalogFile(
                file.name.removesuffix(".properties"), file.read_bytes(), file.stat().st_mode & 0o777
            )
        except OSError as error:
            raise DeploymentError(f"{file} cannot be read: {error.strerror}") from None
    else:
        raise DeploymentError(
            f"catalog {text!r}: accepted is a file NAME.properties, or NAME=grpc://HOST:PORT"
        )
    if not CATALOG_NAME.fullmatch(catalog.name):
        raise DeploymentError(
            f"catalog name {catalog.name!r}: accepted are lower-case letters, digits and underscores"
        )
    return catalog


def deploy(
    plugins: Sequence[Plugin], installations: Sequence[Installation], catalogs: Sequence[CatalogFile] = ()
) -> None:
    """Put the plugins and the catalogs into every installation; Trino loads them when it is restarted.

    Nothing is changed before every installation has the right Trino version and a complete copy whose
    checksums are right. Raises DeploymentError, after every installation is again as it was.
    """
    for installation in installations:
        _check_version(installation, plugins)
    plugin_names = [plugin.name for plugin in plugins]
    checksums = {
        f"{plugin.name}/{file}": checksum
        for plugin in plugins
        for file, checksum in plugin.checksums().items()
    }
    names = [catalog.name for catalog in catalogs]
    if len(set(names)) < len(names):
        raise DeploymentError(f"a catalog is given twice: {', '.join(names)}")
    begun: list[Installation] = []
    try:
        for installation in installations:
            installation.recover()
            begun.append(installation)
            _stage(installation, plugins, catalogs)
            _compare(installation, checksums, installation.staged_checksums())
        for installation in installations:
            installation.activate(plugin_names, names)
            _compare(installation, checksums, installation.installed_checksums(plugin_names))
    except OSError as error:
        _undo(begun, error)
        raise DeploymentError(f"a plugin cannot be read: {error}", "build it again") from None
    except BaseException as error:
        _undo(begun, error)
        raise
    for installation in installations:
        # What is new is in place and whole: what is left behind is removed by the next deployment.
        with suppress(DeploymentError):
            installation.finish()


def _check_version(installation: Installation, plugins: Sequence[Plugin]) -> None:
    version = installation.trino_version()
    for plugin in plugins:
        if version in plugin.trino_versions:
            continue
        if plugin.name == NOSTRO:
            raise DeploymentError(
                f"{installation.name} is Trino {version}; this plugin runs on {plugin.runs_on}",
                "deploy to one of these versions; Nostro's ARCHITECTURE.md says how another one is added",
            )
        raise DeploymentError(
            f"{installation.name} is Trino {version}; {plugin.name} runs on {plugin.runs_on}",
            "deploy to one of these versions, or add it to trino.versions in the project's pom.xml, if its "
            "functions run there, and `nostro build` it; `--no-own` leaves it out",
        )


def _stage(installation: Installation, plugins: Sequence[Plugin], catalogs: Sequence[CatalogFile]) -> None:
    with tempfile.TemporaryFile() as files, tempfile.TemporaryFile() as properties:
        with tarfile.open(fileobj=files, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for plugin in plugins:
                for file in plugin.files():
                    archive.add(file, arcname=f"{plugin.name}/{file.name}", filter=_readable_by_all)
        with tarfile.open(fileobj=properties, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for catalog in catalogs:
                member = tarfile.TarInfo(f".{catalog.name}.properties.nostro-new")
                member.size, member.mode = len(catalog.content), catalog.mode
                archive.addfile(member, io.BytesIO(catalog.content))
        _rewind(files)
        _rewind(properties)
        installation.stage(files, properties)


def _rewind(file: IO[bytes]) -> None:
    file.flush()
    file.seek(0)


def _readable_by_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode = 0o644
    return member


def _compare(installation: Installation, expected: Mapping[str, str], actual: Mapping[str, str]) -> None:
    wrong = sorted(name for name in {*expected, *actual} if expected.get(name) != actual.get(name))
    if wrong:
        raise DeploymentError(
            f"{installation.name}: the copy differs from the plugin in {', '.join(wrong[:5])} (SHA-256)",
            "check the disk and the network, then deploy again",
        )


def _undo(installations: Sequence[Installation], error: BaseException) -> None:
    for installation in reversed(installations):
        try:
            installation.undo()
        except DeploymentError as failure:
            raise DeploymentError(
                f"{error}; and {installation.name} could not be put back as it was: {failure}",
                f"deploy to {installation.name} again: that first undoes what was interrupted",
            ) from error
