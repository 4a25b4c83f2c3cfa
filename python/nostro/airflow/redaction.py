"""Takes secrets and account numbers out of a text that leaves Airflow, such as an alert."""

from __future__ import annotations

import re

from airflow.sdk._shared.secrets_masker import redact

MASK = "***"

_SECRETS = (
    # https://user:password@host
    (re.compile(r"(?<=://)[^\s/@]+(?=@)"), MASK),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    # password=…, "token": "…"; not the "token: FROM" of a parser
    (
        re.compile(
            r"(?i)\b([\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key))"
            r"(\s*=\s*|[\"']\s*:\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\b(passw(?:or)?d|passphrase|pwd)(:\s*)\S+"), rf"\1\2{MASK}"),
)

# A query id, an attempt id, a date and an amount have digits too, but none of these shapes.
_ACCOUNTS = (
    # IBAN, in one piece or in groups of four
    re.compile(r"(?i)(?<![\w-])[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?![\w-])"),
    re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?(?![\w-])"),
    # card number in groups
    re.compile(r"(?<![\w-])\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?(?![\w-])"),
    # branch and account, 001-0000123
    re.compile(r"(?<![\w-])\d{2,6}-\d{5,}(?:-\d+)?(?![\w-])"),
    # letters and account, A0000123; not an ISIN
    re.compile(r"(?<![\w-])(?![A-Z]{2}[A-Z0-9]{9}\d(?!\w))[A-Z]{1,4}\d{7,}(?![\w-])"),
    # a long number that is no amount
    re.compile(r"(?<![\w.,-])\d{9,34}(?![\w-]|[.,]\d)"),
)


def without_secrets(text: str) -> str:
    """Return the text with passwords and tokens masked, and account numbers cut to their last four digits.

    Masked are what Airflow knows as secret (passwords of connections, sensitive variables), credentials in
    addresses and after names such as ``password=``; IBANs, card numbers, bank accounts and every number of
    nine digits or more that is no amount.
    """
    redacted = str(redact(text))
    for pattern, replacement in _SECRETS:
        redacted = pattern.sub(replacement, redacted)
    for pattern in _ACCOUNTS:
        redacted = pattern.sub(lambda match: f"…{match[0][-4:]}", redacted)
    return redacted
