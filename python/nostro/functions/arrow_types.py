"""Types of Arrow as the toolkit writes them: the C data interface's formats, with children in parentheses."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

import pyarrow as pa

_FORMATS: dict[pa.DataType, str] = {
    pa.null(): "n",
    pa.bool_(): "b",
    pa.int8(): "c",
    pa.uint8(): "C",
    pa.int16(): "s",
    pa.uint16(): "S",
    pa.int32(): "i",
    pa.uint32(): "I",
    pa.int64(): "l",
    pa.uint64(): "L",
    pa.float16(): "e",
    pa.float32(): "f",
    pa.float64(): "g",
    pa.binary(): "z",
    pa.large_binary(): "Z",
    pa.binary_view(): "vz",
    pa.string(): "u",
    pa.large_string(): "U",
    pa.string_view(): "vu",
    pa.date32(): "tdD",
    pa.date64(): "tdm",
    pa.time32("s"): "tts",
    pa.time32("ms"): "ttm",
    pa.time64("us"): "ttu",
    pa.time64("ns"): "ttn",
}
_TYPES = {format_: type_ for type_, format_ in _FORMATS.items()}
_TIMESTAMPS = {"s": "tss", "ms": "tsm", "us": "tsu", "ns": "tsn"}
_UNITS = {format_: unit for unit, format_ in _TIMESTAMPS.items()}
_TOKEN = re.compile(r'[(),]|"(?:[^"\\]|\\.)*":|[^(),"]+(?:,\d+)*')


class UnsupportedTypeError(TypeError):
    """Functions take no columns of this Arrow type."""


def format_of(type_: pa.DataType) -> str:
    """Return a type's format. Raises UnsupportedTypeError for one that has no counterpart in Trino.

    An extension type has that of its storage.
    """
    if isinstance(type_, pa.BaseExtensionType):
        return format_of(type_.storage_type)
    known = _FORMATS.get(type_)
    if known is not None:
        return known
    if pa.types.is_decimal(type_):
        bits = "" if type_.bit_width == 128 else f",{type_.bit_width}"
        return f"d:{type_.precision},{type_.scale}{bits}"
    if pa.types.is_timestamp(type_):
        return f"{_TIMESTAMPS[type_.unit]}:{type_.tz or ''}"
    if pa.types.is_fixed_size_binary(type_):
        return f"w:{type_.byte_width}"
    if pa.types.is_dictionary(type_):
        return f"dict({format_of(type_.index_type)},{format_of(type_.value_type)})"
    if pa.types.is_list(type_):
        return f"+l({format_of(type_.value_type)})"
    if pa.types.is_large_list(type_):
        return f"+L({format_of(type_.value_type)})"
    if pa.types.is_fixed_size_list(type_):
        return f"+w:{type_.list_size}({format_of(type_.value_type)})"
    if pa.types.is_struct(type_):
        return f"+s({','.join(_named(field) for field in type_)})"
    if pa.types.is_map(type_):
        return f"+m({_named(type_.key_field)},{_named(type_.item_field)})"
    raise UnsupportedTypeError(
        f"functions take no columns of Arrow's type {type_}; accepted are booleans, numbers, decimals, text, "
        "binary, dates, times, timestamps, and lists, structs and maps of them"
    )


@cache
def type_of(format_: str) -> pa.DataType:
    """Return the type of a result's format."""
    tokens = _TOKEN.findall(format_)
    type_, rest = _parse(tokens)
    if rest:
        raise UnsupportedTypeError(f"{format_} is not a type")
    return type_


def _named(field: pa.Field) -> str:
    return f"{json.dumps(field.name)}:{format_of(field.type)}"


def _parse(tokens: Sequence[str]) -> tuple[pa.DataType, Sequence[str]]:
    head, rest = tokens[0], tokens[1:]
    if head in _TYPES:
        return _TYPES[head], rest
    if head.startswith("d:"):
        precision, scale, *_ = (int(part) for part in head[2:].split(","))
        return pa.decimal128(precision, scale), rest
    if head[:3] in _UNITS:
        return pa.timestamp(_UNITS[head[:3]], head[4:] or None), rest
    children, rest = _children(rest)
    if head == "+l":
        return pa.list_(children[0].type), rest
    if head == "+s":
        return pa.struct(children), rest
    if head == "+m":
        return pa.map_(children[0].type, children[1].type), rest
    raise UnsupportedTypeError(f"{head} is not a type")


def _children(tokens: Sequence[str]) -> tuple[list[pa.Field], Sequence[str]]:
    fields = []
    rest = tokens
    while rest[0] != ")":
        # The parenthesis that opens, or the comma.
        rest = rest[1:]
        name = "item"
        if rest[0].startswith('"'):
            name = json.loads(rest[0].removesuffix(":"))
            rest = rest[1:]
        type_, rest = _parse(rest)
        fields.append(pa.field(name, type_))
    return fields, rest[1:]
