"""Splitting a text of SQL into its statements."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<quoted>'(?:[^']|'')*(?:'|\Z)|"(?:[^"]|"")*(?:"|\Z))
    | (?P<end>;)
    | (?P<other>[^;'"/-]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class SplitText:
    """The statements that end with a semicolon, and the text after the last one."""

    complete: tuple[str, ...]
    rest: str


def split_statements(text: str) -> SplitText:
    """Split at the semicolons that are outside quotes and comments.

    A statement keeps its comments, so that Trino's line numbers are the text's own when it is the first.
    Statements that hold nothing but comments are left out.
    """
    complete: list[str] = []
    current: list[str] = []
    has_content = False
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "end":
            if has_content:
                complete.append("".join(current).strip())
            current, has_content = [], False
            continue
        current.append(token.group())
        if token.lastgroup != "comment" and token.group().strip():
            has_content = True
    return SplitText(tuple(complete), "".join(current).strip() if has_content else "")
