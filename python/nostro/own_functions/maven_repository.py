"""A Maven repository in the user's home, with what a project of one's own functions needs of Nostro.

It has `nostro-functions` with its annotations, and the parent that its `pom.xml` names, as `mvn deploy` would
put them there. They come from the toolkit's directory, which the Python package has too: nothing has to be
installed into Maven's own repository before.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nostro.deploy.plugin import read_properties
from nostro.functions.jars import Toolkit
from nostro.home import home_directory
from nostro.own_functions.errors import OwnFunctionsError

GROUP = "io.nostro"
_PROPERTIES_FILE = "nostro-toolkit.properties"
_PARENT = "nostro-root"
_FUNCTIONS = "nostro-functions"
_POM_IN_JAR = f"META-INF/maven/{GROUP}/{_FUNCTIONS}/pom.xml"
_SNAPSHOT = "-SNAPSHOT"
_METADATA = """\
<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0">
  <groupId>{group}</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
  <versioning>
    <snapshot>
      <timestamp>{timestamp}</timestamp>
      <buildNumber>1</buildNumber>
    </snapshot>
    <lastUpdated>{updated}</lastUpdated>
    <snapshotVersions>
{files}    </snapshotVersions>
  </versioning>
</metadata>
"""
_FILE = """\
      <snapshotVersion>
        <extension>{extension}</extension>
        <value>{value}</value>
        <updated>{updated}</updated>
      </snapshotVersion>
"""


@dataclass(frozen=True)
class Versions:
    """Nostro's version, the version of Trino it is compiled with, and all on which it runs."""

    nostro: str
    trino: str
    supported_trinos: tuple[str, ...]


def read_versions(toolkit: Toolkit) -> Versions:
    """Return the versions of a toolkit. Raises OwnFunctionsError for one that does not say them."""
    file = toolkit.directory / _PROPERTIES_FILE
    try:
        properties = read_properties(file)
        return Versions(
            properties["nostro.version"],
            properties["trino.version"],
            tuple(properties["trino.versions"].split()),
        )
    except (OSError, KeyError) as error:
        raise OwnFunctionsError(
            f"{file} does not say Nostro's versions: {error}",
            remedy="build Nostro again (`./build.sh build`), or install it again",
        ) from None


def write_repository(toolkit: Toolkit) -> str:
    """Write the repository of a toolkit into the home, and return its address."""
    root = home_directory() / "maven"
    version = read_versions(toolkit).nostro
    [jar] = toolkit.directory.glob(f"{_FUNCTIONS}-*.jar")
    with zipfile.ZipFile(jar) as archive:
        pom = archive.read(_POM_IN_JAR)
    parent = (toolkit.directory / f"{_PARENT}.pom").read_bytes()
    # Maven keeps what it has fetched of one time, so another build of a snapshot is of another.
    built = datetime.fromtimestamp(jar.stat().st_mtime, UTC)
    _publish(root, _PARENT, version, built, {"pom": parent})
    _publish(root, _FUNCTIONS, version, built, {"pom": pom, "jar": jar.read_bytes()})
    return root.as_uri()


def _publish(root: Path, artifact: str, version: str, built: datetime, files: dict[str, bytes]) -> None:
    directory = root.joinpath(*GROUP.split("."), artifact, version)
    directory.mkdir(parents=True, exist_ok=True)
    numbered, updated = version, f"{built:%Y%m%d%H%M%S}"
    if version.endswith(_SNAPSHOT):
        timestamp = f"{built:%Y%m%d.%H%M%S}"
        numbered = f"{version.removesuffix(_SNAPSHOT)}-{timestamp}-1"
        listed = "".join(_FILE.format(extension=it, value=numbered, updated=updated) for it in files)
        metadata = _METADATA.format(
            group=GROUP,
            artifact=artifact,
            version=version,
            timestamp=timestamp,
            updated=updated,
            files=listed,
        )
        _write(directory / "maven-metadata.xml", metadata.encode())
    for extension, content in files.items():
        _write(directory / f"{artifact}-{numbered}.{extension}", content)
    for other in directory.glob(f"{artifact}-*"):
        if not other.name.startswith(f"{artifact}-{numbered}."):
            other.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    """Write a file and its checksum, so that a Maven that reads them at the same time sees no half of one."""
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest().encode()
    for path, written in ((file, content), (file.with_name(f"{file.name}.sha1"), checksum)):
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(descriptor, "wb") as sink:
            sink.write(written)
        Path(temporary).replace(path)
