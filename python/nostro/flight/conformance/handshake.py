"""Checks of the handshake: versions, and what a source says of itself."""

from __future__ import annotations

from typing import Any

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, Severity, each
from nostro.flight.conformance.subjects import CLIENT, SourceUnderCheck, refused, told
from nostro.flight.protocol import Json

UNSPOKEN = 1_000_000
"""A version that nobody speaks."""

KINDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "projection": (bool, ()),
    "predicate": (str, ("exact", "partial", "none")),
    "limit": (str, ("exact", "partial", "none")),
    "partitions": (bool, ()),
    "top_n": (str, ("exact", "none")),
    "aggregates": (list, ()),
    "expressions": (list, ()),
    "changes": (list, ()),
    "snapshots": (bool, ()),
    "joins": (list, ()),
    "statistics": (bool, ()),
    "nested": (bool, ()),
}
"""Capabilities: the type of each in JSON, and its words."""


def offering(*versions: int) -> Json:
    return {"protocol": list(versions), "client": CLIENT}


def answer(source: SourceUnderCheck) -> None:
    asked = offering(*protocol.VERSIONS)
    found = source.answer(protocol.HANDSHAKE, asked)
    for name, kind in (("protocol", int), ("source", str), ("version", str), ("capabilities", dict)):
        if not isinstance(found.get(name), kind) or isinstance(found[name], bool):
            raise Failure(
                told(protocol.HANDSHAKE, asked),
                f"{name}: {found.get(name)!r}",
                "protocol, a number; source and version, texts; capabilities, an object",
            )


def capabilities(source: SourceUnderCheck) -> None:
    check_capabilities(source.handshake, told(protocol.HANDSHAKE, offering(*protocol.VERSIONS)))


def check_capabilities(answer: Json, sent: str) -> None:
    """Whether what an answer declares is declared in the protocol's words."""
    declared = answer.get("capabilities")
    for name, value in declared.items() if isinstance(declared, dict) else ():
        if name not in KINDS or value is None:
            continue
        kind, words = KINDS[name]
        elements = value if isinstance(value, list) else []
        if (
            not isinstance(value, kind)
            or (words and value not in words)
            or not all(isinstance(element, str) for element in elements)
        ):
            raise Failure(
                sent,
                f"{name}: {value!r}",
                protocol.listed(words) or ("true, false" if kind is bool else "an array of texts"),
            )


def highest_version(source: SourceUnderCheck) -> None:
    def try_one(versions: tuple[int, ...]) -> None:
        found = source.answer(protocol.HANDSHAKE, offering(*versions)).get("protocol")
        if found != protocol.VERSIONS[-1]:
            sent = told(protocol.HANDSHAKE, offering(*versions))
            raise Failure(sent, f"protocol: {found!r}", f"protocol: {protocol.VERSIONS[-1]}")

    each([(1,), (1, UNSPOKEN), (UNSPOKEN, 1), (1, 1)], try_one)


def no_common_version(source: SourceUnderCheck) -> None:
    def try_one(asked: Json) -> None:
        refused(
            lambda: source.wire.action(protocol.HANDSHAKE, protocol.encode(asked)),
            ["INVALID_ARGUMENT"],
            told(protocol.HANDSHAKE, asked),
        )

    each([offering(UNSPOKEN), offering(UNSPOKEN, UNSPOKEN + 1)], try_one)


def no_version(source: SourceUnderCheck) -> None:
    asked = offering()
    refused(
        lambda: source.wire.action(protocol.HANDSHAKE, protocol.encode(asked)),
        ["INVALID_ARGUMENT"],
        told(protocol.HANDSHAKE, asked),
    )


def versions_of_both(source: SourceUnderCheck) -> None:
    asked = offering(UNSPOKEN)
    sent = told(protocol.HANDSHAKE, asked)
    refusal = refused(
        lambda: source.wire.action(protocol.HANDSHAKE, protocol.encode(asked)),
        ["INVALID_ARGUMENT", "UNKNOWN", "INTERNAL", "UNIMPLEMENTED", "NOT_FOUND"],
        sent,
    )
    without = refusal.message.replace(str(UNSPOKEN), "", 1)
    if without == refusal.message or not any(str(version) in without for version in protocol.VERSIONS):
        raise Failure(sent, str(refusal), f"a message that names {UNSPOKEN} and the source's versions")


GROUP = Group(
    "handshake",
    "Handshake",
    of_source=(
        Check(
            "answer",
            "The handshake's answer has a protocol version, the source's name and version, and capabilities",
            "Versions",
            Severity.FAILING_QUERIES,
            answer,
        ),
        Check(
            "capabilities",
            "Capabilities are declared in the protocol's words",
            "Versions",
            Severity.FAILING_QUERIES,
            capabilities,
        ),
        Check(
            "highest_version",
            "The source answers with the highest version that both speak",
            "Versions",
            Severity.FAILING_QUERIES,
            highest_version,
        ),
        Check(
            "no_common_version",
            "Without a version that both speak the answer is INVALID_ARGUMENT",
            "Versions",
            Severity.WRONG_ROWS,
            no_common_version,
        ),
        Check(
            "no_version",
            "An empty array of versions is INVALID_ARGUMENT",
            "Versions",
            Severity.HIDDEN_MISTAKES,
            no_version,
        ),
        Check(
            "versions_of_both",
            "A refused handshake names the versions of both",
            "Versions",
            Severity.HIDDEN_MISTAKES,
            versions_of_both,
        ),
    ),
)
