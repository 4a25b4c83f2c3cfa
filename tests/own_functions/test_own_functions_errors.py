"""What `nostro new` and `nostro build` say when they can't go on, and that they leave nothing half done."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.own_functions.conftest import NOSTRO, Walk

from nostro.functions.jars import Toolkit, find_toolkit
from nostro.home import own_plugins
from nostro.java import find_java
from nostro.own_functions import OwnFunctionsError
from nostro.own_functions.build_project import build_project
from nostro.own_functions.maven import run_maven
from nostro.own_functions.maven_repository import read_versions, write_repository
from nostro.own_functions.new_project import new_project
from nostro.stack import NostroHome, Stack
from nostro.stack.errors import StackError
from nostro.stack.home import StackOptions
from nostro.stack.progress import SilentProgress
from nostro.stack.trino import Trino, TrinoSettings

CATALOGUE_FILE = "nostro-functions.json"


@contextmanager
def silent_step(title: str) -> Iterator[None]:
    yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NOSTRO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def no_maven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds go on with what Maven has made before."""
    monkeypatch.setattr("nostro.own_functions.build_project._compile", lambda *_: None)


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds go on with the catalogue that is there."""

    def copy(target: Path, version: str, file: Path, *_: Any) -> None:
        shutil.copy2(target / "my-bank-functions-plugin" / CATALOGUE_FILE, file)

    monkeypatch.setattr("nostro.own_functions.build_project._write_catalogue", copy)


@pytest.fixture
def built(walk: Walk, tmp_path: Path) -> Path:
    """A copy of the walk's project, as Maven has left it."""
    return Path(shutil.copytree(walk.project, tmp_path / "my-bank-functions"))


def edit(file: Path, *replaced: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["My-Bank", "1bank", "bank_functions", "bank-", "-bank", "bank functions", "bänk"]
)
def test_names_that_are_no_artifact_ids_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OwnFunctionsError, match=r"can't be the name of a project.*accepted are lower-case"):
        new_project(tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("package", ["Com.Example", "com..bank", "com.class", "com.my-bank", ""])
def test_packages_that_java_does_not_take_are_refused(tmp_path: Path, package: str) -> None:
    with pytest.raises(OwnFunctionsError, match="can't be a Java package"):
        new_project(tmp_path / "bank", package)
    assert not (tmp_path / "bank").exists()


def test_name_that_is_a_word_of_java_asks_for_a_package(tmp_path: Path) -> None:
    with pytest.raises(OwnFunctionsError, match=r"'com\.example\.new' can't be a Java package"):
        new_project(tmp_path / "new")
    assert new_project(tmp_path / "new", "com.example.mybank")


def test_directory_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    directory = tmp_path / "bank"
    directory.mkdir()
    assert new_project(directory)
    (directory / "pom.xml").write_text("mine")
    with pytest.raises(OwnFunctionsError, match="is there already, and not an empty directory"):
        new_project(directory)
    assert (directory / "pom.xml").read_text() == "mine"
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OwnFunctionsError, match="is there already"):
        new_project(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "plugin", "prefix"),
    [
        ("bank", "BankPlugin", "bank_account_branch"),
        ("functions", "FunctionsPlugin", "functions_account_branch"),
        ("my-bank-functions", "MyBankFunctionsPlugin", "my_bank_account_branch"),
        ("big-bank2", "BigBank2Plugin", "big_bank2_account_branch"),
    ],
)
def test_names_in_the_project_follow_its_own(tmp_path: Path, name: str, plugin: str, prefix: str) -> None:
    files = new_project(tmp_path / name, "com.example.area")
    assert tmp_path / name / "src/main/java/com/example/area" / f"{plugin}.java" in files
    [functions] = [file for file in files if file.name == "AccountFunctions.java"]
    assert f'@ScalarFunction("{prefix}")' in functions.read_text(encoding="utf-8")
    assert not [file for file in files if "{{" in file.read_text(encoding="utf-8")]


def test_command_tells_cause_and_remedy(walk: Walk, tmp_path: Path) -> None:
    failed = walk.run(NOSTRO, "build", tmp_path)
    assert failed.returncode == 1
    assert f"error: {tmp_path} is no project of functions: it has no pom.xml\n" in failed.stderr
    assert "what to do: `nostro new NAME` makes a project\n" in failed.stderr
    refused = walk.run(NOSTRO, "new", "My-Bank")
    assert refused.returncode == 1
    assert "error: 'My-Bank' can't be the name of a project" in refused.stderr


def test_java_and_maven_that_are_not_there_are_named(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(OwnFunctionsError, match="Maven was not found: looked for `mvn` on PATH"):
        run_maven(built, ["package"], Path("/"), tmp_path / "maven.log")
    monkeypatch.setattr("nostro.java._PATTERNS", ())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OwnFunctionsError, match="No JDK 24 or newer was found"):
        build_project(built, silent_step)


def test_maven_that_fails_names_the_line(built: Path) -> None:
    source = built / "src/main/java/com/example/mybankfunctions/fees/FeeFunctions.java"
    edit(source, ("longValueExact()", "longValueOrNothing()"))
    with pytest.raises(OwnFunctionsError) as raised:
        build_project(built, silent_step)
    assert "Maven failed in " in raised.value.cause
    assert "    src/main/java/com/example/mybankfunctions/fees/FeeFunctions.java:[35," in raised.value.cause
    assert "cannot find symbol" in raised.value.cause
    assert raised.value.log is not None
    assert "BUILD FAILURE" in raised.value.log.read_text(encoding="utf-8")
    assert not own_plugins()


def test_repository_that_is_mirrored_away_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        "echo '[ERROR] Failed to execute goal on project bank: Could not resolve dependencies: "
        "io.nostro:nostro-functions:jar:0.1.0 was not found in https://nexus.bank/all'\n"
        "exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    with pytest.raises(OwnFunctionsError, match=r"was not found in https://nexus\.bank/all") as raised:
        run_maven(tmp_path, [], Path("/"), tmp_path / "log" / "maven.log")
    assert raised.value.remedy is not None
    assert "<mirrorOf>*,!nostro</mirrorOf>" in raised.value.remedy


@pytest.mark.usefixtures("no_maven")
def test_declaration_that_is_not_complete_is_named(built: Path) -> None:
    source = built / "src/main/java/com/example/mybankfunctions/fees/FeeFunctions.java"
    edit(source, ('@Source("The bank\'s price list")\n', ""))
    target = built / "target"
    subprocess.run(
        [
            find_java(compiler=True).home / "bin" / "javac",
            *(
                "-parameters",
                "-d",
                target / "classes",
                "-classpath",
                (target / "test-class-path").read_text(),
            ),
            source,
        ],
        check=True,
    )
    with pytest.raises(OwnFunctionsError) as raised:
        build_project(built, silent_step)
    assert raised.value.cause == (
        "the declarations are not complete: my_bank_custody_fee has no source; accepted is a @Source on its "
        "method, its class or its package"
    )
    assert not own_plugins()


@pytest.mark.usefixtures("no_maven")
def test_example_that_gives_something_else_is_named(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own test finds that first; here the catalogue is changed after it."""

    def state_another_result(target: Path, version: str, file: Path, *_: Any) -> None:
        catalogue = json.loads((target / "my-bank-functions-plugin" / CATALOGUE_FILE).read_text())
        catalogue["functions"][0]["examples"][1]["result"] = '"0421"'
        catalogue["functions"][1]["examples"][0]["result"] = "15.01"
        file.write_text(json.dumps(catalogue))

    monkeypatch.setattr("nostro.own_functions.build_project._write_catalogue", state_another_result)
    pages = {path.name: path.read_text() for path in (built / "docs" / "functions").iterdir()}
    with pytest.raises(OwnFunctionsError) as raised:
        build_project(built, silent_step)
    assert raised.value.cause.splitlines() == [
        "4 of the examples give something else than stated:",
        "    TRY(my_bank_account_branch('421000017')) in DuckDB: null, and not \"0421\"",
        "    TRY(my_bank_account_branch('421000017')) in Python: null, and not \"0421\"",
        "    my_bank_custody_fee(DECIMAL '10000.00') in DuckDB: 15.00, and not 15.01",
        "    my_bank_custody_fee(DECIMAL '10000.00') in Python: 15.00, and not 15.01",
    ]
    assert {path.name: path.read_text() for path in (built / "docs" / "functions").iterdir()} == pages
    assert not own_plugins()


@pytest.mark.usefixtures("no_maven")
@pytest.mark.parametrize("other", ["Nostro", "the project other-functions"])
def test_names_that_are_taken_are_refused(
    built: Path, home: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    catalogue = json.loads((built / "target" / "my-bank-functions-plugin" / CATALOGUE_FILE).read_text())
    name = "my_bank_custody_fee"
    if other == "Nostro":
        name = catalogue["functions"][1]["name"] = "iban_is_valid"
    else:
        there = home / "functions" / "other-functions"
        there.mkdir(parents=True)
        (there / CATALOGUE_FILE).write_text(
            json.dumps({**catalogue, "functions": catalogue["functions"][1:]})
        )
    before = dict(own_plugins())
    monkeypatch.setattr(
        "nostro.own_functions.build_project._write_catalogue",
        lambda target, version, file, *_: file.write_text(json.dumps(catalogue)),
    )
    with pytest.raises(OwnFunctionsError) as raised:
        build_project(built, silent_step)
    assert raised.value.cause == f"my-bank-functions has functions whose names are taken: {name} (of {other})"
    assert own_plugins() == before


@pytest.mark.usefixtures("no_maven")
@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("classes/nostro-plugin.properties", "has no src/main/resources/nostro-plugin.properties"),
        ("my-bank-functions-1.0-SNAPSHOT.jar", "Maven made no .*my-bank-functions-1.0-SNAPSHOT.jar"),
        ("test-class-path", "Maven wrote no target/test-class-path"),
    ],
)
def test_project_of_another_kind_is_refused(built: Path, gone: str, message: str) -> None:
    (built / "target" / gone).unlink()
    with pytest.raises(OwnFunctionsError, match=message):
        build_project(built, silent_step)
    assert not own_plugins()
    assert not list((built / "target").glob(".*"))


@pytest.mark.usefixtures("no_maven")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trino.versions=", "trino.other=", r"has no value of trino\.versions"),
        ("476 478", "${trino.other}", r"has no value of trino\.versions"),
        ("plugin.name=my-", "plugin.name=../my-", "plugin.name is '../my-bank-functions'"),
    ],
)
def test_properties_are_checked(built: Path, old: str, new: str, message: str) -> None:
    edit(built / "target" / "classes" / "nostro-plugin.properties", (old, new))
    with pytest.raises(OwnFunctionsError, match=message):
        build_project(built, silent_step)


@pytest.mark.usefixtures("no_maven")
def test_examples_that_can_not_be_tried_are_named(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = json.loads((built / "target" / "my-bank-functions-plugin" / CATALOGUE_FILE).read_text())
    catalogue["functions"][0]["examples"] = [
        {"sql": "to_base32(to_utf8(my_bank_account_branch('0421000017')))", "result": '"GA2DEMI="'},
        {"sql": "my_bank_account_branch('04210' || '00017')", "result": '"0421"'},
    ]
    monkeypatch.setattr(
        "nostro.own_functions.build_project._write_catalogue",
        lambda target, version, file, *_: file.write_text(json.dumps(catalogue)),
    )
    outcome = build_project(built, silent_step)
    assert outcome.tried == {"DuckDB": 4, "Python": 4}
    in_duckdb, in_python = outcome.not_tried
    assert (
        "to_base32(to_utf8(my_bank_account_branch('0421000017'))) in DuckDB: DuckDB does not take it"
        in in_duckdb
    )
    assert in_python.endswith("in Python: it is more than a call")
    assert list(own_plugins()) == ["my-bank-functions"]
    # another build takes its place
    assert build_project(built, silent_step).installed == own_plugins()["my-bank-functions"]
    assert [path.name for path in own_plugins()["my-bank-functions"].parent.iterdir()] == [
        "my-bank-functions"
    ]


@pytest.mark.usefixtures("no_maven", "no_java")
def test_library_that_is_not_there_is_named(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sqlglot.py").write_text("raise ModuleNotFoundError(\"No module named 'sqlglot'\")\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(OwnFunctionsError, match=r"the examples could not be tried: .*sqlglot") as raised:
        build_project(built, silent_step)
    assert raised.value.remedy == "pip install 'nostro[sqltest]'"


def test_toolkit_that_does_not_say_its_versions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OwnFunctionsError, match=r"nostro-toolkit\.properties does not say Nostro's versions"):
        read_versions(Toolkit(tmp_path))


def test_repository_has_one_build_and_a_release_has_no_timestamp(home: Path, tmp_path: Path) -> None:
    toolkit = find_toolkit()
    assert write_repository(toolkit) == write_repository(toolkit) == (home / "maven").as_uri()
    version = read_versions(toolkit).nostro
    [jar] = (home / "maven/io/nostro/nostro-functions" / version).glob("*.jar")
    assert jar.read_bytes() == next(toolkit.directory.glob("nostro-functions-*.jar")).read_bytes()
    for name in (jar.name.replace(".jar", ".jar.sha1"), jar.name.replace(".jar", ".pom")):
        assert jar.with_name(name).is_file()
    released = tmp_path / "released"
    released.mkdir()
    shutil.copy2(toolkit.directory / "nostro-root.pom", released)
    shutil.copy2(
        next(toolkit.directory.glob("nostro-functions-*.jar")), released / "nostro-functions-1.2.jar"
    )
    (released / "nostro-toolkit.properties").write_text(
        "nostro.version=1.2\ntrino.version=476\ntrino.versions=476\n"
    )
    write_repository(Toolkit(released))
    assert (home / "maven/io/nostro/nostro-functions/1.2/nostro-functions-1.2.jar").is_file()
    assert not (home / "maven/io/nostro/nostro-functions/1.2/maven-metadata.xml").exists()


def test_project_is_removed(walk: Walk, home: Path) -> None:
    shutil.copytree(walk.home.root / "functions", home / "functions")
    environment = Walk(NostroHome(home), walk.directory, walk.trino)
    missing = environment.run(NOSTRO, "functions", "--remove", "other")
    assert missing.returncode == 1
    assert "there is no project other in" in missing.stderr
    assert "there are: my-bank-functions" in missing.stderr
    assert environment.run(NOSTRO, "functions", "--remove", "my-bank-functions").returncode == 0
    assert not own_plugins()
    assert environment.run(NOSTRO, "functions", "--names", "my_bank%").stdout == ""


def test_stack_names_a_plugin_that_it_can_not_load(home: Path) -> None:
    stack_home = NostroHome(home)
    stack_home.create()
    settings = TrinoSettings(StackOptions(), {}, heap_megabytes=1024)
    other = home / "functions" / "other"
    other.mkdir(parents=True)
    with pytest.raises(StackError, match=r"other is not a Nostro plugin: .*\(nostro-plugin\.properties\)"):
        Trino(stack_home).launch(settings, SilentProgress())
    (other / "nostro-plugin.properties").write_text(
        "plugin.version=1\ntrino.version=476\ntrino.versions=483\n"
    )
    with pytest.raises(StackError, match="nostro-other runs on Trino 483; the stack runs Trino 476"):
        Trino(stack_home).launch(settings, SilentProgress())


def test_functions_stay_when_the_stacks_data_is_deleted(home: Path) -> None:
    stack = Stack(NostroHome(home))
    stack.home.create()
    other = home / "functions" / "other"
    other.mkdir(parents=True)
    stack.down(delete_data=True)
    assert sorted(path.name for path in home.iterdir()) == ["functions", "lock"]
    assert list(own_plugins()) == ["other"]


def test_catalogue_that_is_broken_is_named(home: Path, walk: Walk) -> None:
    (home / "functions" / "broken").mkdir(parents=True)
    environment = Walk(NostroHome(home), walk.directory, walk.trino)
    failed = environment.run(NOSTRO, "functions")
    assert failed.returncode == 1
    assert f"{home / 'functions' / 'broken'}" in failed.stderr
    assert "nostro functions --remove broken" in failed.stderr
