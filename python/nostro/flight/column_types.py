"""Columns' types on the wire: an Arrow type, and metadata where Arrow's own does not say enough."""

from __future__ import annotations

import re

import pyarrow as pa

NOSTRO_TYPE = b"nostro.type"
"""Field metadata key; its value is a Trino type's SQL name: `varchar(20)`, `char(3)`, `uuid`, `json` …"""

NOSTRO_HIDDEN = b"nostro.hidden"
"""Field metadata key; `true` for a column that is read only when it is named."""

NOSTRO_COMMENT = b"nostro.comment"
"""Field metadata key; its value is the column's comment."""


def hidden(field: pa.Field) -> pa.Field:
    """The field declared as one that users do not see unless they name it."""
    return field.with_metadata({**(field.metadata or {}), NOSTRO_HIDDEN: b"true"})


def is_hidden(field: pa.Field) -> bool:
    return (field.metadata or {}).get(NOSTRO_HIDDEN) == b"true"


def with_comment(field: pa.Field, comment: str | None) -> pa.Field:
    if comment is None:
        return field
    return field.with_metadata({**(field.metadata or {}), NOSTRO_COMMENT: comment.encode("utf-8")})


def comment_of(field: pa.Field) -> str | None:
    comment = (field.metadata or {}).get(NOSTRO_COMMENT)
    return None if comment is None else comment.decode("utf-8", "replace")


def with_type(field: pa.Field, sql_type: str) -> pa.Field:
    """The field declared as a Trino type: `with_type(pa.field("currency", pa.string()), "varchar(3)")`."""
    return field.with_metadata({**(field.metadata or {}), NOSTRO_TYPE: sql_type.encode("utf-8")})


def declared_type(field: pa.Field) -> str | None:
    """The name, without parameters, of the Trino type that the field is declared as, if it is."""
    declared = (field.metadata or {}).get(NOSTRO_TYPE)
    if declared is not None:
        return re.sub(r"\(.*", "", declared.decode("utf-8", "replace").lower().strip())
    return {"arrow.uuid": "uuid", "arrow.json": "json"}.get(getattr(field.type, "extension_name", ""))
