"""The message of an alert, as plain text, as an e-mail and for Slack."""

from __future__ import annotations

import html
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One fact: its label, its text of one or several lines, and where it leads, if anywhere."""

    label: str
    text: str
    link: str = ""


@dataclass(frozen=True)
class AlertMessage:
    """What an alert says. Its texts have no secrets any more."""

    subject: str
    lines: tuple[Line, ...]

    def text(self) -> str:
        """Return the lines as plain text, without the subject."""
        return "\n".join(f"{line.label}: {_with_link(line)}" for line in self.lines)

    def html(self) -> str:
        """Return the lines as the body of an HTML e-mail."""
        return "".join(f"<p><b>{html.escape(line.label)}:</b> {_html(line)}</p>\n" for line in self.lines)

    def slack_text(self) -> str:
        """Return subject and lines in the notation of Slack's messages."""
        lines = (f"*{_slack(line.label)}:* {_slack(_with_link(line))}" for line in self.lines)
        return "\n".join([f"*{_slack(self.subject)}*", *lines])


def _with_link(line: Line) -> str:
    return " ".join(part for part in (line.text, line.link) if part)


def _html(line: Line) -> str:
    text = html.escape(line.text).replace("\n", "<br>")
    if not line.link:
        return text
    link = html.escape(line.link, quote=True)
    return f'<a href="{link}">{text or link}</a>'


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
