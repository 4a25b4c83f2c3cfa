"""The vault: the catalog `vault`, whose functions tokenize and encrypt, with keys made for this home."""

import base64
import json
import secrets
from pathlib import Path

from nostro.stack.home import NostroHome, write_atomically
from nostro.stack.trino import USER

PART = "vault"

TOKEN_KEY = "customers"
ENCRYPTION_KEY = "accounts"
_KEY_BYTES = 32


class Vault:
    """The keys of one home, and the catalog that uses them."""

    def __init__(self, home: NostroHome) -> None:
        self._home = home

    @property
    def key_file(self) -> Path:
        """The file that holds the keys, which only its owner reads."""
        return self._home.secrets_directory / "vault-keys.json"

    def catalog_properties(self) -> dict[str, str]:
        """Return the properties of Trino's catalog `vault`; make the keys when there are none."""
        if not self.key_file.exists():
            write_atomically(self.key_file, json.dumps(_new_keys(), indent=2) + "\n")
        return {
            "connector.name": "nostro_vault",
            "vault.key-file": str(self.key_file),
            "vault.encryption-users": USER,
            "vault.decryption-users": USER,
        }


def _new_keys() -> dict[str, object]:
    return {
        name: {"purpose": purpose, "current": 1, "versions": {"1": _new_key()}}
        for name, purpose in ((TOKEN_KEY, "tokenize"), (ENCRYPTION_KEY, "encrypt"))
    }


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
