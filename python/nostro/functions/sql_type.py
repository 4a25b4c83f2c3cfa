"""SQL types that Arrow has no counterpart of, such as a plugin's Geometry, as extension types."""

from __future__ import annotations

import pyarrow as pa


class SqlType(pa.ExtensionType):  # type: ignore[misc]
    """An SQL type by its name, whose values Arrow has as those of another type.

    Values of any length are bytes, in the form that the type's plugin gives them.
    """

    def __init__(self, name: str, storage: pa.DataType) -> None:
        self.name = name
        super().__init__(storage, "nostro.sql_type")

    def __arrow_ext_serialize__(self) -> bytes:
        return self.name.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> SqlType:
        return cls(serialized.decode(), storage_type)

    def __reduce__(self) -> tuple[type[SqlType], tuple[str, pa.DataType]]:
        return SqlType, (self.name, self.storage_type)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqlType) and (self.name, self.storage_type) == (
            other.name,
            other.storage_type,
        )

    def __hash__(self) -> int:
        return hash((self.name, self.storage_type))

    def __str__(self) -> str:
        return self.name


def register_sql_types() -> None:
    """Let Arrow know the extension, so that columns keep it in files and streams."""
    try:
        pa.register_extension_type(SqlType("unknown", pa.null()))
    except pa.ArrowKeyError:
        # It is known already.
        return
