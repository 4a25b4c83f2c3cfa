"""Catalogs that a home's user adds to the stack's own: files as Trino's `etc/catalog` has them."""

from collections.abc import Collection
from pathlib import Path

from nostro.deploy.deployment import CATALOG_NAME
from nostro.deploy.plugin import read_properties
from nostro.home import own_catalogs_directory
from nostro.stack.errors import StackError

_TRINOS_OWN = frozenset({"system", "jmx"})


def own_catalogs(home: Path, taken: Collection[str]) -> dict[str, dict[str, str]]:
    """Return each catalog's properties by its name. `taken` are the names of the stack's catalogs.

    Raises StackError for a name that is taken or that SQL could not write, and for a file that Trino would
    not start with.
    """
    catalogs = {}
    for file in sorted(own_catalogs_directory(home).glob("*.properties")):
        name = file.stem
        if not CATALOG_NAME.fullmatch(name):
            raise StackError(
                f"{file}: the catalog's name {name!r} is not one",
                remedy="name the file with lower-case letters, digits and underscores",
            )
        if name in taken or name in _TRINOS_OWN:
            raise StackError(
                f"{file}: the stack has a catalog {name} already", remedy="give the file another name"
            )
        try:
            properties = read_properties(file)
        except (OSError, UnicodeDecodeError) as error:
            raise StackError(f"{file} cannot be read: {error}") from error
        if not properties.get("connector.name"):
            raise StackError(
                f"{file} does not name its connector",
                remedy="add a line such as connector.name=arrow_flight",
            )
        catalogs[name] = properties
    return catalogs
