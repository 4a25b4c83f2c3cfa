"""The catalogue's reader, and that the functions' pages say what the catalogue says."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from nostro.functions import documentation
from nostro.functions.catalogue import CATALOGUE_FILE, Catalogue, CatalogueError, Example, load_catalogue
from nostro.functions.row_types import Field, fields

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def catalogue(plugin_directory: Path) -> Catalogue:
    return load_catalogue(plugin_directory)


def names(catalogue: Catalogue, pattern: str | None) -> list[str]:
    return [function.name for function in catalogue.matching(pattern)]


def test_functions_are_described(catalogue: Catalogue) -> None:
    assert catalogue.trino_version == "476"
    assert len(catalogue.functions) >= 135
    for function in catalogue:
        assert function.description
        assert len(function.examples) >= 2
        # What is decrypted must not be folded into a plan.
        assert function.deterministic == (function.name != "fpe_decrypt")
        assert all(len(it.arguments) == len(it.argument_names) for it in function.signatures)
    assert {function.name for function in catalogue if function.kind == "aggregate"} >= {
        *("ewma_volatility", "expected_shortfall", "irr", "max_drawdown", "mirr", "npv", "value_at_risk"),
        *("vwap", "xirr", "xnpv"),
    }


def test_matching(catalogue: Catalogue) -> None:
    everything = [function.name for function in catalogue]
    ibans = [name for name in everything if name.startswith("iban_")]
    assert "iban_is_valid" in ibans
    assert names(catalogue, "iban%") == names(catalogue, "iban_*") == ibans
    assert names(catalogue, "IBAN") == [*ibans, "mask_iban"]
    assert names(catalogue, "xirr") == ["array_xirr", "xirr"]
    assert names(catalogue, "?irr") == ["mirr", "xirr"]
    assert names(catalogue, r"%\_is\_valid") == names(catalogue, "*_is_valid")
    assert names(catalogue, "nothing") == names(catalogue, r"%\%%") == []
    assert names(catalogue, None) == everything


def test_calls_show_every_signature(catalogue: Catalogue) -> None:
    assert catalogue["round_money"].calls() == (
        "round_money(amount decimal(p,s), currency varchar(x)) → decimal(min(38, p + 1),s)",
        "round_money(amount decimal(p,s), currency varchar(x), mode varchar(y)) → decimal(min(38, p + 1),s)",
    )
    with pytest.raises(KeyError):
        catalogue["no_such_function"]


def test_example_values_keep_every_digit() -> None:
    example = Example("round_money(DECIMAL '2.345', 'EUR')", "2.340")
    assert str(example.value) == "2.340"
    assert isinstance(example.value, Decimal)
    assert Example("x", "null").value is None
    assert Example("x", '"DE"').value == "DE"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no catalogue of functions can be read"),
        ("{", "not JSON"),
        ("[]", "not a catalogue of functions"),
        (json.dumps({"trinoVersion": "476", "functions": [{"name": "f"}]}), "not a catalogue of functions"),
    ],
)
def test_what_is_no_catalogue_is_an_error_that_names_the_file(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / CATALOGUE_FILE).write_text(content, encoding="utf-8")
    file = tmp_path / CATALOGUE_FILE
    with pytest.raises(CatalogueError, match=message) as raised:
        load_catalogue(file)
    assert str(raised.value).startswith(f"{file}: ")


def test_every_function_is_documented(catalogue: Catalogue) -> None:
    for function in catalogue:
        assert function.source
        names = {name for signature in function.signatures for name in signature.argument_names}
        assert [it.name for it in function.arguments if it.meaning] == list(
            dict.fromkeys(name for signature in function.signatures for name in signature.argument_names)
        )
        assert all(function.argument_types(name) for name in names)
        assert all(error.when for error in function.errors)
        assert not (function.errors and function.name.endswith("_is_valid"))


def test_result_fields_have_paths(catalogue: Catalogue) -> None:
    assert catalogue["xirr"].result_fields() == ()
    assert catalogue["double_metaphone"].result_fields() == (
        Field("primary", "varchar"),
        Field("alternate", "varchar"),
    )
    assert catalogue["screen_name"].result_fields() == (
        Field("best_match", "varchar"),
        Field("position", "bigint"),
        Field("score", "double"),
        Field("tokens", "array(row(…))"),
        Field("tokens[].name_token", "varchar"),
        Field("tokens[].match_token", "varchar"),
        Field("tokens[].similarity", "double"),
    )
    assert catalogue["mt940_transactions"].calls() == (
        "mt940_transactions(message varchar(x)) → array(row(…))",
    )


def test_names_of_fields_may_hold_what_types_hold() -> None:
    assert fields('row("a,b" decimal(38,s),"c ""(" row("d" date))') == (
        Field("a,b", "decimal(38,s)"),
        Field('c "(', "row(…)"),
        Field('c "(.d', "date"),
    )
    with pytest.raises(ValueError, match="not a field of a row with names"):
        fields("row(bigint)")


def test_pages_are_current(catalogue: Catalogue) -> None:
    committed = {
        path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "functions").iterdir()
    }
    assert committed == documentation.pages(catalogue), "write them again: ./build.sh docs"


def test_pages_say_all_of_a_function(catalogue: Catalogue) -> None:
    pages = documentation.pages(catalogue)
    page = pages["interest.md"]
    section = page[page.index("\n## xirr\n") : page.index("\n## xnpv\n")]
    assert "**`xirr(amount double, date date) → double`**" in section
    assert "| `date` | `date` | the day of the amount |" in section
    assert "| `INVALID_FUNCTION_ARGUMENT` | an amount is not finite, or a group has" in section
    assert "\nSource: Microsoft Excel, function XIRR.\n" in section
    for example in catalogue["xirr"].examples:
        assert f"\n{example.sql};\n-- {example.result}\n" in section
    assert (
        "| `message` | `varchar(x)` | one message, separated by SOH (as on the wire) or \\| (as in logs) |"
        in (pages["messages.md"])
    )
    assert "| `tokens[].similarity` | `double` |" in pages["screening.md"]
    assert "Errors: none, whatever the arguments." in pages["identifiers.md"]
    assert set(pages) == {"README.md", *(page.file for page in documentation.PAGES.values())}


def test_index_links_every_function(catalogue: Catalogue) -> None:
    pages = documentation.pages(catalogue)
    links = re.findall(r"\[`(\w+)`\]\((\w+\.md)#(\w+)\)", pages["README.md"])
    assert sorted(name for name, _, _ in links) == [function.name for function in catalogue]
    assert all(name == anchor and f"\n## {anchor}\n" in pages[file] for name, file, anchor in links)
    assert f"There are {len(catalogue.functions)} functions" in pages["README.md"]


def test_pages_are_written_and_those_of_lost_families_removed(
    plugin_directory: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    directory = tmp_path / "functions"
    file = str(plugin_directory / CATALOGUE_FILE)
    assert documentation.main([file, str(directory)]) == 0
    (directory / "lost.md").write_text(f"# Lost\n\n{documentation.WRITTEN}\n", encoding="utf-8")
    (directory / "notes.md").write_text("# Somebody's\n", encoding="utf-8")
    assert documentation.main([file, str(directory)]) == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in directory.iterdir()} == {
        **documentation.pages(catalogue),
        "notes.md": "# Somebody's\n",
    }
    assert documentation.main([str(directory)]) == 2
