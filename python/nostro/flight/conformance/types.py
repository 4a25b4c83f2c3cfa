"""Which Trino type a column is: the protocol's table of types, and what the connector reads besides."""

from __future__ import annotations

import re

import pyarrow as pa

from nostro.flight.column_types import NOSTRO_TYPE

PRECISIONS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
INTEGERS = {"int8": "tinyint", "int16": "smallint", "int32": "integer", "int64": "bigint"}
UNSIGNED = {"uint8": "smallint", "uint16": "integer", "uint32": "bigint", "uint64": "decimal(20,0)"}
MOST_DIGITS = {32: 9, 64: 18, 128: 38, 256: 38}
LONGEST_CHAR = 65_536
LONGEST_VARCHAR = 2**31 - 2
SYNONYMS = {"int": "integer", "float": "real", "string": "varchar"}


class Unsupported(ValueError):
    """The column has no Trino type; the message says why."""


def declared(field: pa.Field) -> str | None:
    """What the field's metadata declares, written as `trino_type` writes types."""
    text = (field.metadata or {}).get(NOSTRO_TYPE)
    return None if text is None else written(text.decode("utf-8", "replace"))


def written(sql: str) -> str:
    plain = re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.lower().split()))
    plain = re.sub(r"\)(?=\w)", ") ", plain)
    # timestamp without a precision has three digits, and so on
    plain = re.sub(r"^(timestamp|time)(?!\()", r"\1(3)", plain)
    plain = re.sub(r"^decimal$", "decimal(38,0)", plain)
    return SYNONYMS.get(plain, plain)


def trino_type(field: pa.Field) -> str:
    """The Trino type of a field, in which a nested type is its Arrow type's name; raises Unsupported."""
    named = declared(field)
    type = field.type
    extension = getattr(type, "extension_name", "")
    if isinstance(type, pa.BaseExtensionType):
        type = type.storage_type
    if pa.types.is_dictionary(type):
        type = type.value_type
    if pa.types.is_null(type):
        return named or "unknown"
    if pa.types.is_boolean(type):
        return "boolean"
    if pa.types.is_integer(type):
        return (INTEGERS | UNSIGNED)[str(type)]
    if pa.types.is_floating(type):
        return "double" if pa.types.is_float64(type) else "real"
    if pa.types.is_decimal(type):
        if type.precision > MOST_DIGITS[type.bit_width] or not 0 <= type.scale <= type.precision:
            raise Unsupported("Trino's decimals have up to 38 digits, and a scale from 0 to all of them")
        return f"decimal({type.precision},{type.scale})"
    if pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type):
        return text_type(named or ("json" if extension == "arrow.json" else "varchar"))
    if pa.types.is_binary(type) or pa.types.is_large_binary(type) or pa.types.is_binary_view(type):
        return "varbinary"
    if pa.types.is_fixed_size_binary(type):
        is_uuid = type.byte_width == 16 and (named == "uuid" or (named is None and extension == "arrow.uuid"))
        return "uuid" if is_uuid else "varbinary"
    if pa.types.is_date(type):
        return "date"
    if pa.types.is_time(type):
        return precise("time", "", type.unit, named)
    if pa.types.is_timestamp(type):
        return precise("timestamp", "" if type.tz is None else " with time zone", type.unit, named)
    if pa.types.is_map(type):
        return f"map({trino_type(type.key_field)},{trino_type(type.item_field)})"
    if pa.types.is_struct(type):
        if not type.num_fields:
            raise Unsupported("a row has at least one field")
        return f"row({','.join(f'{each.name.lower()} {trino_type(each)}' for each in type)})"
    if pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_fixed_size_list(type):
        return f"array({trino_type(type.value_field)})"
    raise Unsupported("Arrow's type has no Trino type")


def text_type(named: str) -> str:
    length = declared_length(named)
    longest = LONGEST_CHAR if named.startswith("char") else LONGEST_VARCHAR
    fits = named in ("varchar", "json") or (length is not None and 0 <= length <= longest)
    return named if fits else "varchar"


def declared_length(named: str) -> int | None:
    """The n of `varchar(n)` and `char(n)`; char alone is char(1)."""
    if named == "char":
        return 1
    match = re.fullmatch(r"(?:var)?char\(([0-9]{1,10})\)", named)
    return None if match is None else int(match[1])


def precise(name: str, suffix: str, unit: str, named: str | None) -> str:
    match = re.fullmatch(rf"{name}\(([0-9])\){suffix}", named or "")
    return f"{name}({PRECISIONS[unit] if match is None else match[1]}){suffix}"
