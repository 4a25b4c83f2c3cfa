"""The functions that need a secret, with the keys of a file: those of a vault's catalog on Trino."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from nostro.functions.bound import CataloguedImplementation, java_function
from nostro.functions.calls import ScalarFunction
from nostro.functions.catalogue import Function
from nostro.functions.jars import find_toolkit
from nostro.functions.jvm import is_java_error, java_class

CONNECTOR = "nostro_vault"
SCHEMA = "privacy"
_PACKAGE = "io.nostro.functions.vault"


class KeyFileError(ValueError):
    """A key file cannot be read or is not one; the message says where, and shows nothing of the keys."""


class Vault:
    """The functions of a vault, each an attribute: `tokenize`, `fpe_encrypt`, `fpe_decrypt`.

    Who has the key file may call them all; it is Trino's catalog that tells users apart.
    """

    def __init__(self, key_file: Path | str) -> None:
        """Name the key file, in the form that `vault.key-file` on Trino has; it is read at the first call."""
        self.key_file = Path(key_file)
        self.functions = {
            it.name: ScalarFunction(it, self._implementation_of(it))
            for it in find_toolkit().catalogue()
            if it.connector == CONNECTOR
        }

    def __getattr__(self, name: str) -> ScalarFunction:
        try:
            return self.__dict__["functions"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(f"a vault has no function {name!r}") from None

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *self.functions])

    def __repr__(self) -> str:
        return f"<vault with the keys of {self.key_file}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Vault, (self.key_file,)

    @cached_property
    def _instance(self) -> Any:
        file = java_class("java.io.File")(str(self.key_file))
        try:
            keys = java_class(f"{_PACKAGE}.VaultKeyFile").read("key file", file)
        except Exception as error:
            if is_java_error(error, "java.lang.IllegalArgumentException"):
                raise KeyFileError(str(error.getMessage())) from None  # type: ignore[attr-defined]
            raise
        return java_class(f"{_PACKAGE}.VaultFunctions")(keys)

    def _implementation_of(self, catalogued: Function) -> CataloguedImplementation:
        return CataloguedImplementation(catalogued, lambda: java_function(catalogued, self._instance))


def open_vault(key_file: Path | str) -> Vault:
    """Return the functions of a vault with the keys of a file."""
    return Vault(key_file)
