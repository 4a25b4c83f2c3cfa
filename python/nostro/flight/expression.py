"""Expressions of a predicate, bound to a table's columns: what cannot be said of one column at a time.

An expression is a typed tree. Comparisons and logic are SQL's, with three truth values; a comparison with
NaN is false, `<>` with it true. Nothing in an expression can fail: no division of whole numbers or decimals,
no arithmetic whose result its type might not hold, no cast that loses anything. So a source may evaluate it
on any row and in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import BadLiteral, Key, UuidValues, Values, values_of
from nostro.flight.protocol import ExpressionMessage, listed

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=", "is_distinct_from")
ARITHMETIC = ("+", "-", "*", "/", "%")
KINDS = (
    "column",
    "literal",
    "and",
    "or",
    "not",
    "is_null",
    *COMPARISONS,
    "in",
    "like",
    "cast",
    *ARITHMETIC,
    "negate",
)
"""Every kind of expression that the protocol has."""

MOST_DIGITS = 38
INTEGER_DIGITS = {pa.int8(): 3, pa.int16(): 5, pa.int32(): 10, pa.int64(): 19}
UNSIGNED_AS = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64()}
UUID = pa.uuid()

LITERAL_TYPES = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "uuid": UUID,
}
DECIMAL_TYPE = re.compile(r"decimal\(([0-9]{1,2}), ?([0-9]{1,2})\)", re.ASCII)
TIME_TYPE = re.compile(r"(time|timestamp)\(([0-9])\)( with time zone)?", re.ASCII)


@dataclass(frozen=True)
class LikePattern:
    """What text must be like: characters, `ANY_CHARACTER` for one code point, `ANY_TEXT` for any number."""

    parts: tuple[str | Wildcard, ...]


@dataclass(frozen=True)
class Wildcard:
    many: bool


ANY_CHARACTER = Wildcard(False)
ANY_TEXT = Wildcard(True)


@dataclass(frozen=True)
class Expression:
    """A node of the tree. A column has `column`, a literal `values` and `key`, `like` its `pattern`.

    `type` is the Arrow type that the value is computed in: of columns, what their Trino type implies.
    """

    kind: str
    type: pa.DataType
    arguments: tuple[Expression, ...] = ()
    column: str | None = None
    values: Values | None = None
    key: Key | None = None
    pattern: LikePattern | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._columns()))

    @property
    def floating(self) -> bool:
        return bool(pa.types.is_floating(self.type))

    def _columns(self) -> Iterator[str]:
        if self.column is not None:
            yield self.column
        for argument in self.arguments:
            yield from argument._columns()


def bind_expression(
    message: ExpressionMessage | None,
    schema: pa.Schema,
    accepted: Mapping[str, Values],
    kinds: tuple[str, ...],
    at: str = "predicate.expression",
) -> Expression | None:
    """Read a condition's literals and check its types; raises InvalidRequest.

    `accepted` are the columns that take predicates, `kinds` those that the source evaluates; `at` is where
    the condition stands in the message.
    """
    if message is None:
        return None
    bound = Binder(schema, accepted, kinds).bind(message, at)
    if not pa.types.is_boolean(bound.type):
        raise InvalidRequest(f"{at}: accepted: a condition, not a value of type {bound.type}")
    return bound


class Binder:
    def __init__(self, schema: pa.Schema, accepted: Mapping[str, Values], kinds: tuple[str, ...]) -> None:
        self._schema = schema
        self._accepted = accepted
        self._kinds = kinds

    def bind(self, message: ExpressionMessage, at: str) -> Expression:
        kind = message.kind
        if kind not in self._kinds:
            raise InvalidRequest(
                f"{at}.kind: {kind!r} is not evaluated; accepted: {listed(self._kinds) or 'none'}"
            )
        if kind == "column":
            return self._column(message, at)
        if kind == "literal":
            return self._literal(message, at)
        arguments = tuple(
            self.bind(argument, f"{at}.arguments[{index}]")
            for index, argument in enumerate(message.arguments)
        )
        types = tuple(argument.type for argument in arguments)
        count = len(arguments)
        match kind:
            case "and" | "or":
                check(at, count >= 1 and all_boolean(types), "conditions")
            case "not":
                check(at, count == 1 and all_boolean(types), "one condition")
            case "is_null":
                check(at, count == 1, "one argument")
            case "in":
                check(at, count >= 2 and all_same(types), "a value and others of its type")
            case "like":
                return like(arguments, at)
            case "cast":
                return cast(arguments, literal_type(message.type, at), at)
            case "negate":
                check(at, count == 1 and computable(types[0]), "one number that is not whole")
                return Expression(kind, types[0], arguments)
            case _ if kind in ARITHMETIC:
                check(at, count == 2, "two arguments")
                return Expression(kind, arithmetic_type(kind, types[0], types[1], at), arguments)
            case _:
                check(at, count == 2 and all_same(types), "two arguments of one type")
        return Expression(kind, pa.bool_(), arguments)

    def _column(self, message: ExpressionMessage, at: str) -> Expression:
        name = message.column
        if name is None or name not in self._schema.names:
            raise InvalidRequest(f"{at}.column: no such column; accepted: {listed(self._schema.names)}")
        if name not in self._accepted:
            raise InvalidRequest(
                f"{at}.column: {name} takes no predicate; accepted: {listed(tuple(self._accepted)) or 'none'}"
            )
        return Expression("column", computed_type(self._accepted[name]), column=name)

    def _literal(self, message: ExpressionMessage, at: str) -> Expression:
        type = literal_type(message.type, at)
        values = values_of(pa.field("literal", type))
        if message.value is None or values is None:
            raise InvalidRequest(f"{at}.value: accepted: the text of a literal")
        try:
            place = values.parse(message.value)
        except BadLiteral as error:
            raise InvalidRequest(f"{at}.value: not a literal of type {message.type}; {error}") from None
        if not place.exact:
            raise InvalidRequest(f"{at}.value: {message.type} cannot hold it exactly")
        return Expression("literal", type, values=values, key=place.key)


def check(at: str, condition: bool, wanted: str) -> None:
    if not condition:
        raise InvalidRequest(f"{at}.arguments: accepted: {wanted}")


def all_boolean(types: tuple[pa.DataType, ...]) -> bool:
    return all(pa.types.is_boolean(type) for type in types)


def all_same(types: tuple[pa.DataType, ...]) -> bool:
    return len({family(type) for type in types}) == 1


def family(type: pa.DataType) -> object:
    """Types of one family compare with each other; times and timestamps do whatever their unit."""
    if pa.types.is_time(type):
        return "time"
    if pa.types.is_timestamp(type):
        return "timestamp" if type.tz is None else "instant"
    return type


def computed_type(values: Values) -> pa.DataType:
    type = values.type
    if isinstance(values, UuidValues):
        return UUID
    if pa.types.is_integer(type):
        return UNSIGNED_AS.get(type, pa.decimal128(20, 0) if type == pa.uint64() else type)
    if pa.types.is_date(type):
        return pa.date32()
    if pa.types.is_timestamp(type) and type.tz is not None:
        return pa.timestamp(type.unit, "UTC")
    if pa.types.is_large_string(type):
        return pa.string()
    return pa.binary() if pa.types.is_large_binary(type) else type


def literal_type(name: str | None, at: str) -> pa.DataType:
    """The Arrow type of a Trino type's SQL name; raises InvalidRequest."""
    if name is not None and name in LITERAL_TYPES:
        return LITERAL_TYPES[name]
    if name is not None and (match := DECIMAL_TYPE.fullmatch(name)):
        precision, scale = int(match[1]), int(match[2])
        if 1 <= precision <= MOST_DIGITS and scale <= precision:
            return pa.decimal128(precision, scale)
    if name is not None and (match := TIME_TYPE.fullmatch(name)):
        unit = ("s", "ms", "us", "ns")[(int(match[2]) + 2) // 3]
        if match[1] == "timestamp":
            return pa.timestamp(unit, "UTC" if match[3] else None)
        if not match[3]:
            return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    raise InvalidRequest(
        f"{at}.type: {name!r} is no type of a literal; "
        f"accepted: {listed(tuple(LITERAL_TYPES))}, decimal(p, s), time(p), timestamp(p), "
        "timestamp(p) with time zone"
    )


def computable(type: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type) or pa.types.is_decimal(type))


def arithmetic_type(kind: str, left: pa.DataType, right: pa.DataType, at: str) -> pa.DataType:
    """The type of the result, which holds every result; raises InvalidRequest if there is none."""
    if pa.types.is_floating(left) and left == right:
        return left
    if pa.types.is_decimal(left) and pa.types.is_decimal(right) and kind in ("+", "-", "*"):
        if kind == "*":
            precision, scale = left.precision + right.precision, left.scale + right.scale
        else:
            scale = max(left.scale, right.scale)
            precision = max(left.precision - left.scale, right.precision - right.scale) + scale + 1
        if precision <= MOST_DIGITS:
            return pa.decimal128(precision, scale)
    raise InvalidRequest(
        f"{at}.arguments: accepted: two numbers of type real or double, or for + - * two decimals whose "
        f"result has up to {MOST_DIGITS} digits; not {left} and {right}"
    )


def cast(arguments: tuple[Expression, ...], target: pa.DataType, at: str) -> Expression:
    check(at, len(arguments) == 1, "one argument")
    if not widens(arguments[0].type, target):
        raise InvalidRequest(
            f"{at}: accepted: a cast that loses nothing, not of {arguments[0].type} to {target}"
        )
    return Expression("cast", target, arguments)


def widens(source: pa.DataType, target: pa.DataType) -> bool:
    digits = INTEGER_DIGITS.get(source)
    if digits is not None:
        if target in INTEGER_DIGITS:
            return digits <= INTEGER_DIGITS[target]
        if pa.types.is_decimal(target):
            return bool(digits <= target.precision - target.scale)
        # the nearest number, which IEEE 754 says
        return bool(pa.types.is_floating(target))
    if pa.types.is_decimal(source) and pa.types.is_decimal(target):
        return bool(
            source.scale <= target.scale
            and source.precision - source.scale <= target.precision - target.scale
        )
    return bool(source == target or (source == pa.float32() and target == pa.float64()))


def like(arguments: tuple[Expression, ...], at: str) -> Expression:
    """`value LIKE pattern [ESCAPE escape]`; pattern and escape are literals."""
    if not 2 <= len(arguments) <= 3 or any(argument.type != pa.string() for argument in arguments):
        raise InvalidRequest(f"{at}.arguments: accepted: a text, a pattern, and an escape if there is one")
    texts = [argument.key for argument in arguments[1:]]
    if any(argument.kind != "literal" for argument in arguments[1:]):
        raise InvalidRequest(f"{at}.arguments: accepted: literals as the pattern and the escape")
    escape = str(texts[1]) if len(texts) == 2 else None
    if escape is not None and len(escape) != 1:
        raise InvalidRequest(f"{at}.arguments[2]: accepted: one character")
    return Expression("like", pa.bool_(), arguments[:1], pattern=like_pattern(str(texts[0]), escape, at))


def like_pattern(text: str, escape: str | None, at: str) -> LikePattern:
    parts: list[str | Wildcard] = []
    characters = iter(text)
    for character in characters:
        if character == escape:
            escaped = next(characters, None)
            if escaped not in ("%", "_", escape):
                raise InvalidRequest(f"{at}.arguments[1]: after the escape, accepted: %, _, the escape")
            parts.append(str(escaped))
        elif character in "%_":
            parts.append(ANY_TEXT if character == "%" else ANY_CHARACTER)
        else:
            parts.append(character)
    return LikePattern(tuple(parts))
