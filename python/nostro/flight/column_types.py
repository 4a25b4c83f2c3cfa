"""Columns' types on the wire: an Arrow type, and metadata where Arrow's own does not say enough."""

from __future__ import annotations

import re

import pyarrow as pa

NOSTRO_TYPE = b"nostro.type"
"""Field metadata key; its value is a Trino type's SQL name: `varchar(20)`, `char(3)`, `uuid`, `json` …"""


def with_type(field: pa.Field, sql_type: str) -> pa.Field:
    """The field declared as a Trino type: `with_type(pa.field("currency", pa.string()), "varchar(3)")`."""
    return field.with_metadata({**(field.metadata or {}), NOSTRO_TYPE: sql_type.encode("utf-8")})


def declared_type(field: pa.Field) -> str | None:
    """The name, without parameters, of the Trino type that the field is declared as, if it is."""
    declared = (field.metadata or {}).get(NOSTRO_TYPE)
    if declared is not None:
        return re.sub(r"\(.*", "", declared.decode("utf-8", "replace").lower().strip())
    return {"arrow.uuid": "uuid", "arrow.json": "json"}.get(getattr(field.type, "extension_name", ""))
