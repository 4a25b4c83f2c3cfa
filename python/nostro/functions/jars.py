"""Where the functions' jars are, and the catalogue that was written with them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nostro.functions.catalogue import CATALOGUE_FILE, Catalogue, Function, load_catalogue
from nostro.functions.errors import RuntimeNotFoundError
from nostro.home import own_plugins

DIRECTORY_VARIABLE = "NOSTRO_TOOLKIT_DIR"


@dataclass(frozen=True)
class Toolkit:
    """A directory of jars that are all that calling the functions needs, and their catalogue."""

    directory: Path

    def jars(self) -> tuple[Path, ...]:
        """The jars, in the order of their names, and after them those of the user's own functions."""
        directories = [self.directory, *own_plugins().values()]
        return tuple(jar for directory in directories for jar in sorted(directory.glob("*.jar")))

    def catalogue(self) -> Catalogue:
        """The catalogue of Nostro's functions."""
        return load_catalogue(self.directory)

    def functions(self) -> tuple[Function, ...]:
        """Nostro's functions and the user's own, without those of a catalog.

        Of two of one name, which `nostro build` does not let come about, it is Nostro's.
        """
        catalogues = [*map(load_catalogue, own_plugins().values()), self.catalogue()]
        by_name = {it.name: it for catalogue in catalogues for it in catalogue if it.connector is None}
        return tuple(by_name[name] for name in sorted(by_name))


@cache
def find_toolkit() -> Toolkit:
    """Return the toolkit of NOSTRO_TOOLKIT_DIR, else the installed package's, else that of this checkout.

    Raises RuntimeNotFoundError, which says where it was looked for.
    """
    package = Path(__file__).resolve().parent
    target = package.parents[2] / "udfs" / "toolkit" / "target"
    chosen = os.environ.get(DIRECTORY_VARIABLE)
    if chosen:
        places = [Path(chosen).expanduser()]
    else:
        built = sorted(target.glob("nostro-toolkit-*/"), key=lambda it: it.stat().st_mtime, reverse=True)
        places = [package / "jars", *built]
    for place in places:
        if (place / CATALOGUE_FILE).is_file() and any(place.glob("*.jar")):
            return Toolkit(place)
    raise RuntimeNotFoundError(
        f"the functions' jars are not there: no {CATALOGUE_FILE} with jars in "
        + ", ".join(str(place) for place in (places if chosen else [package / "jars", target]))
        + f". What to do: `./build.sh build` in a checkout, or name a directory that has them in "
        f"{DIRECTORY_VARIABLE}."
    )
