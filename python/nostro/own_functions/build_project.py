"""Builds a project of one's own functions, and makes them known to this user's Nostro."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nostro.deploy.plugin import PROPERTIES_FILE, read_properties
from nostro.functions import documentation
from nostro.functions.catalogue import CATALOGUE_FILE, Catalogue, load_catalogue
from nostro.functions.errors import RuntimeNotFoundError
from nostro.functions.jars import Toolkit, find_toolkit
from nostro.home import home_directory, own_functions_directory, own_plugins
from nostro.java import JavaNotFoundError, JavaRuntime, find_java
from nostro.own_functions.errors import OwnFunctionsError
from nostro.own_functions.maven import run_maven
from nostro.own_functions.maven_repository import read_versions, write_repository

Step = Callable[[str], AbstractContextManager[object]]
"""What is told of a step of the build while it lasts."""

_CATALOGUE_WRITER = "io.nostro.toolkit.PluginCatalogueWriter"
_VECTOR_MODULE = "jdk.incubator.vector"
_NEW_PROJECT = "`nostro new NAME` makes a project"
_INTRODUCTION = """\
# Functions of {name}

{written}

These functions are in Trino, DuckDB and Python, beside Nostro's own. NULL in any argument gives NULL; an
aggregate leaves out rows with a NULL. In a type, a name in lower case is any number: `decimal(38,s)` takes a
decimal of every precision and scale. Results are shown as JSON: a text in quotes, a date as text, NULL as
`null`. `nostro build` runs the examples, and holds them to the results that are shown.
"""


@dataclass(frozen=True)
class BuiltProject:
    """What a build made: the plugin, its functions, where it was put and the pages that were written.

    `tried` counts the examples that gave their result by where they were run; `not_tried` says of others why.
    """

    name: str
    plugin: Path
    catalogue: Catalogue
    installed: Path
    pages: Path
    tried: Mapping[str, int]
    not_tried: tuple[str, ...]


def build_project(directory: Path, step: Step) -> BuiltProject:
    """Compile and test a project, try its examples, write its pages and put its plugin into the home.

    Nothing is put there unless all before went well. Raises OwnFunctionsError.
    """
    root = directory.resolve()
    if not (root / "pom.xml").is_file():
        raise OwnFunctionsError(
            f"{directory} is no project of functions: it has no pom.xml", remedy=_NEW_PROJECT
        )
    try:
        java = find_java(compiler=True)
        toolkit = find_toolkit()
    except (JavaNotFoundError, RuntimeNotFoundError) as error:
        raise OwnFunctionsError(str(error)) from None
    home_directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    target = root / "target"
    with step("Compile and test (Maven)"):
        _compile(root, target, toolkit, java)
    properties = _properties(target)
    name = properties["plugin.name"]
    with step("Read the declarations"):
        plugin = _assemble(target, properties, toolkit, java)
        catalogue = load_catalogue(plugin)
        _check_names(name, catalogue, toolkit)
    with step("Try the examples in DuckDB and Python"):
        outcome = _try_examples(name, plugin, target)
    pages = root / "docs" / "functions"
    with step("Write the pages, and make the functions known"):
        introduction = _INTRODUCTION.format(name=name, written=documentation.WRITTEN)
        documentation.write(catalogue, pages, introduction)
        installed = _install(plugin, own_functions_directory() / name)
    return BuiltProject(
        name, plugin, catalogue, installed, pages, outcome["tried"], tuple(outcome["not_tried"])
    )


def _compile(root: Path, target: Path, toolkit: Toolkit, java: JavaRuntime) -> None:
    # Maven adds to them, and takes nothing away.
    shutil.rmtree(target / "plugin-libraries", ignore_errors=True)
    (target / "test-class-path").unlink(missing_ok=True)
    (target / "classes" / PROPERTIES_FILE).unlink(missing_ok=True)
    versions = read_versions(toolkit)
    # The functions are called in Python by the toolkit, which has the SPI of one version.
    arguments = [
        "package",
        f"-Dnostro.repository={write_repository(toolkit)}",
        f"-Dnostro.version={versions.nostro}",
        f"-Dtrino.version={versions.trino}",
    ]
    run_maven(root, arguments, java.home, target / "nostro" / "maven.log")


def _properties(target: Path) -> Mapping[str, str]:
    """What the project says of itself, after Maven has filled in the values."""
    file = target / "classes" / PROPERTIES_FILE
    try:
        properties = read_properties(file)
    except OSError:
        raise OwnFunctionsError(
            f"the project has no src/main/resources/{PROPERTIES_FILE}, which names its plugin",
            remedy=f"{_NEW_PROJECT}, of which the file and the pom.xml can be taken",
        ) from None
    wanted = {"plugin.name", "plugin.version", "plugin.jar", "trino.version", "trino.versions"}
    missing = sorted(key for key in wanted if not properties.get(key) or "${" in properties[key])
    if missing:
        raise OwnFunctionsError(
            f"src/main/resources/{PROPERTIES_FILE} has no value of {', '.join(missing)}",
            remedy=f"{_NEW_PROJECT}, of which the file and the pom.xml can be taken",
        )
    if not re.fullmatch(r"[A-Za-z0-9_][\w.-]*", properties["plugin.name"]):
        raise OwnFunctionsError(
            f"plugin.name is {properties['plugin.name']!r} in src/main/resources/{PROPERTIES_FILE}; accepted "
            "are letters, digits, points and hyphens"
        )
    return properties


def _assemble(target: Path, properties: Mapping[str, str], toolkit: Toolkit, java: JavaRuntime) -> Path:
    """Put the plugin's directory together: the jars, the catalogue and the properties."""
    plugin = target / f"{properties['plugin.name']}-plugin"
    jar = target / properties["plugin.jar"]
    if not jar.is_file():
        raise OwnFunctionsError(f"Maven made no {jar}, which {PROPERTIES_FILE} names as plugin.jar")
    with _replaced(plugin) as unfinished:
        shutil.copy2(jar, unfinished)
        for library in sorted((target / "plugin-libraries").glob("*.jar")):
            shutil.copy2(library, unfinished)
        shutil.copy2(target / "classes" / PROPERTIES_FILE, unfinished)
        _write_catalogue(target, properties["trino.version"], unfinished / CATALOGUE_FILE, toolkit, java)
    return plugin


def _write_catalogue(
    target: Path, trino_version: str, file: Path, toolkit: Toolkit, java: JavaRuntime
) -> None:
    try:
        of_tests = (target / "test-class-path").read_text(encoding="utf-8").strip()
    except OSError:
        raise OwnFunctionsError(
            "Maven wrote no target/test-class-path, where Trino's reader of the declarations is",
            remedy=f"{_NEW_PROJECT}, of whose pom.xml the maven-dependency-plugin can be taken",
        ) from None
    toolkit_jars = sorted(toolkit.directory.glob("*.jar"))
    modules = [f"--add-modules={_VECTOR_MODULE}"] if java.has_module(_VECTOR_MODULE) else []
    log = target / "nostro" / "catalogue.log"
    done = subprocess.run(
        [
            str(java.java),
            # It runs for a moment only.
            "-XX:TieredStopAtLevel=1",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djol.skipDynamicAttach=true",
            "-Djol.skipHotspotSAAttach=true",
            *modules,
            "-classpath",
            os.pathsep.join([str(target / "classes"), of_tests, *map(str, toolkit_jars)]),
            _CATALOGUE_WRITER,
            trino_version,
            str(target / "classes"),
            str(file),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode == 0:
        return
    found = re.search(r'^Exception in thread "main" (?:[\w$.]+: )?(.*)', done.stderr, re.MULTILINE)
    lines = done.stderr.strip().splitlines()
    cause = found[1] if found else lines[0] if lines else f"exit code {done.returncode}"
    raise OwnFunctionsError(
        f"the declarations are not complete: {cause}",
        log=log,
        remedy="a function has @Description, @Source, an @Argument for each argument, @Errors and at least "
        "two @Example; Nostro's docs/own-functions.md says more",
    )


def _check_names(name: str, catalogue: Catalogue, toolkit: Toolkit) -> None:
    """Raise OwnFunctionsError when a function has the name of one that is there already."""
    others = {function.name: "Nostro" for function in toolkit.catalogue() if function.connector is None}
    for project, plugin in own_plugins().items():
        if project != name:
            others.update({function.name: f"the project {project}" for function in load_catalogue(plugin)})
    clashes = [f"{it.name} (of {others[it.name]})" for it in catalogue if it.name in others]
    if clashes:
        raise OwnFunctionsError(
            f"{name} has functions whose names are taken: {', '.join(clashes)}",
            remedy="give them other names in @ScalarFunction or @AggregationFunction; a project that is not "
            "wanted any more goes by `nostro functions --remove PROJECT`",
        )


def _try_examples(name: str, plugin: Path, target: Path) -> dict[str, Any]:
    """Run the examples in a process that finds the functions as they will be when they are installed."""
    log = target / "nostro" / "examples.log"
    with tempfile.TemporaryDirectory(prefix="nostro-home-") as folder:
        home = Path(folder)
        functions = own_functions_directory(home)
        functions.mkdir()
        for project, directory in {**own_plugins(), name: plugin}.items():
            (functions / project).symlink_to(directory, target_is_directory=True)
        result = home / "examples.json"
        done = subprocess.run(
            [sys.executable, "-m", "nostro.own_functions.examples", str(plugin), str(result)],
            env={**os.environ, "NOSTRO_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode != 0 or not result.is_file():
            lines = done.stderr.strip().splitlines()
            remedy = "pip install 'nostro[sqltest]'" if "ModuleNotFoundError" in done.stderr else None
            raise OwnFunctionsError(
                f"the examples could not be tried: {lines[-1] if lines else f'exit code {done.returncode}'}",
                log=log,
                remedy=remedy,
            )
        outcome: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    failures = outcome["failures"]
    if failures:
        listed = "\n".join(
            f"    {it['sql']} in {it['where']}: {it['given']}, and not {it['expected']}" for it in failures
        )
        raise OwnFunctionsError(
            f"{len(failures)} of the examples {'give' if len(failures) > 1 else 'gives'} something else than "
            f"stated:\n{listed}",
            log=log,
            remedy="correct the function, or the result in its @Example",
        )
    return outcome


def _install(plugin: Path, directory: Path) -> Path:
    with _replaced(directory) as unfinished:
        shutil.copytree(plugin, unfinished, dirs_exist_ok=True)
    return directory


@contextmanager
def _replaced(directory: Path) -> Iterator[Path]:
    """Give an empty directory that takes another's place when all is written, and is gone when it isn't."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}-") as work:
        unfinished = Path(work) / "new"
        unfinished.mkdir()
        yield unfinished
        if not directory.exists():
            unfinished.rename(directory)
            return
        old = Path(work) / "old"
        directory.rename(old)
        try:
            unfinished.rename(directory)
        except BaseException:
            old.rename(directory)
            raise
