"""The vault's functions in Python and DuckDB with the stack's own keys: what the server gives."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import trino.dbapi
from tests.parity.sql_values import of_scalar

import nostro.duckdb
from nostro.functions import open_vault
from nostro.functions.errors import FunctionError
from nostro.functions.vault import KeyFileError, Vault
from nostro.stack import Stack

DIGITS = "0123456789"
ROWS = 1001


@pytest.fixture(scope="session")
def vault(stack: Stack) -> Vault:
    return open_vault(stack.vault.key_file)


@pytest.fixture(scope="session")
def texts() -> list[str | None]:
    generator = random.Random(20261128)
    drawn = ["".join(generator.choices(DIGITS, k=generator.randint(1, 30))) for _ in range(ROWS - 4)]
    return [None, "", "12345X", "€𝄞", *drawn]


CALLS = {
    "tokenize": "tokenize(t, 'customers')",
    "tokenize by version": "tokenize(t, 'customers', 1)",
    "tokenize by a key that is none": "tokenize(t, 'nobody')",
    "fpe_encrypt": f"fpe_encrypt(t, 'accounts', '{DIGITS}', 'iban')",
    "fpe_encrypt by version": f"fpe_encrypt(t, 'accounts', '{DIGITS}', 'iban', 1)",
    "fpe_decrypt": f"fpe_decrypt(t, 'accounts', '{DIGITS}', 'iban')",
}


@pytest.mark.parametrize("call", CALLS)
def test_python_and_duckdb_give_what_the_server_gives(
    call: str, vault: Vault, texts: list[str | None], trino_connection: trino.dbapi.Connection
) -> None:
    sql = CALLS[call]
    name, _, listed = sql.rstrip(")").partition("(")
    arguments = [json.loads(it.strip().replace("'", '"')) for it in listed.split(",")[1:]]
    cursor = trino_connection.cursor()
    values = json.dumps(texts).replace("'", "''")
    cursor.execute(
        f"SELECT TRY(vault.privacy.{sql}) FROM UNNEST(CAST(json_parse('{values}') AS array(varchar)))"
        " WITH ORDINALITY AS r (t, n) ORDER BY n"
    )
    expected = [row[0] for row in cursor.fetchall()]
    given = getattr(vault, name)(pa.array(texts), *arguments, on_error="null")
    assert [of_scalar(it) for it in given] == expected
    assert (given.null_count < ROWS) == ("none" not in call)
    with nostro.duckdb.connect(vaults={"vault": vault}) as connection:
        connection.register("given", pa.table({"t": texts, "n": range(ROWS)}))
        query = f"SELECT TRY(vault.privacy.{sql}) AS answer FROM given ORDER BY n"
        assert [row[0] for row in connection.sql(query).fetchall()] == expected


def test_what_was_encrypted_comes_back(vault: Vault, texts: list[str | None]) -> None:
    digits = pa.array([text for text in texts if text and text.isdigit() and len(text) > 6])
    hidden = vault.fpe_encrypt(digits, "accounts", DIGITS, "iban")
    assert hidden != digits
    assert vault.fpe_decrypt(hidden, "accounts", DIGITS, "iban") == digits


def test_two_vaults_have_their_own_keys(vault: Vault, tmp_path: Path) -> None:
    key = {
        "purpose": "tokenize",
        "current": 1,
        "versions": {"1": "K34VFiiu0qar9xWICc9PPGstNFZGaWl1MHFhcjl4V0k="},
    }
    (tmp_path / "keys.json").write_text(json.dumps({"customers": key}))
    other = open_vault(tmp_path / "keys.json")
    token = other.tokenize("1", "customers").as_py()
    assert token != vault.tokenize("1", "customers").as_py()
    assert pickle.loads(pickle.dumps(other)).tokenize("1", "customers").as_py() == token
    with nostro.duckdb.connect(vaults={"vault": vault, "other": other}) as connection:
        query = "SELECT {}.privacy.tokenize('1', 'customers')"
        assert connection.sql(query.format("other")).fetchall() == [(token,)]
        # Registered anew, a catalog has the keys of the new vault.
        nostro.duckdb.register(connection, vaults={"vault": other})
        assert connection.sql(query.format("vault")).fetchall() == [(token,)]


def test_errors_show_no_key(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(FunctionError, match="there is no key of that name"):
        vault.tokenize("1", "nobody")
    secret = "K34VFiiu0qar9xWICc9PPHNlY3JldA=="
    file = tmp_path / "keys.json"
    file.write_text(f'{{"a": "{secret}"}}')
    with pytest.raises(KeyFileError, match="key 'a' is not an object") as raised:
        open_vault(file).tokenize("1", "a")
    assert str(raised.value).startswith(f"key file {file}: ")
    assert secret[:6] not in str(raised.value)
    with pytest.raises(KeyFileError, match="can not be read"):
        open_vault(tmp_path / "none.json").tokenize("1", "a")
    with pytest.raises(AttributeError, match="a vault has no function 'detokenize'"):
        _ = vault.detokenize
    assert "tokenize" in dir(vault)
    assert secret not in repr(vault)


def test_duckdb_has_no_vault_unless_it_is_given_one() -> None:
    with nostro.duckdb.connect() as connection, pytest.raises(duckdb.Error):
        connection.sql("SELECT vault.privacy.tokenize('1', 'customers')").fetchall()
