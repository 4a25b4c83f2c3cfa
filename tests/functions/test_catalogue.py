"""The catalogue's reader, and that the functions' page says what the catalogue says."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from nostro.functions import documentation
from nostro.functions.catalogue import CATALOGUE_FILE, Catalogue, CatalogueError, Example, load_catalogue

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


def test_page_is_current(catalogue: Catalogue) -> None:
    page = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
    assert page == documentation.page(catalogue), "write it again: ./build.sh docs"


def test_page_is_written(plugin_directory: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    page = tmp_path / "functions.md"
    assert documentation.main([str(plugin_directory / CATALOGUE_FILE), str(page)]) == 0
    assert page.read_text(encoding="utf-8") == documentation.page(catalogue)
    assert documentation.main([str(page)]) == 2
