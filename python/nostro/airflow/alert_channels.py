"""Where alerts go: e-mail and webhooks, as one setting names them."""

from __future__ import annotations

import logging
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import requests
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import Connection

from nostro.airflow.alert_message import AlertMessage
from nostro.airflow.redaction import without_secrets

TO_SETTING = "NOSTRO_ALERT_TO"
SENDER_SETTING = "NOSTRO_ALERT_SENDER"
SMTP_CONNECTION_SETTING = "NOSTRO_ALERT_SMTP_CONN_ID"

# A callback in the DAG processor has 50 seconds in all ([dag_processor] dag_file_processor_timeout).
SMTP_TIMEOUT_SECONDS = 10
SMTP_RETRIES = 1
CONNECT_TIMEOUT_SECONDS = 5
ANSWER_TIMEOUT_SECONDS = 10

SLACK_WEBHOOKS = "https://hooks.slack.com/services"
WEBHOOK_PREFIX = "webhook:"

_ADDRESS = re.compile(r"[^\s@:/]+@[^\s@:/]+")

log = logging.getLogger(__name__)


class AlertError(Exception):
    """An alert could not be sent; the message holds no secret."""


class Channel(Protocol):
    """One way of sending an alert."""

    def send(self, message: AlertMessage) -> None:
        """Send; any exception means that it was not sent."""


class BoundedSmtpHook(SmtpHook):
    """The provider's hook; its connection may ask for a shorter time-out and fewer retries, not for more."""

    @property
    def timeout(self) -> int:
        return min(int(super().timeout), SMTP_TIMEOUT_SECONDS)

    @property
    def smtp_retry_limit(self) -> int:
        return min(int(super().smtp_retry_limit), SMTP_RETRIES)


@dataclass(frozen=True)
class Mail:
    """One e-mail to all recipients, through an SMTP connection of Airflow."""

    recipients: tuple[str, ...]
    smtp_conn_id: str = "smtp_default"
    sender: str | None = None

    def __str__(self) -> str:
        return f"mail to {', '.join(self.recipients)}"

    def send(self, message: AlertMessage) -> None:
        with BoundedSmtpHook(smtp_conn_id=self.smtp_conn_id) as smtp:
            smtp.send_email_smtp(
                to=list(self.recipients),
                subject=message.subject,
                html_content=message.html(),
                from_email=self.sender,
            )


@dataclass(frozen=True)
class Webhook:
    """A Slack-compatible webhook, whose address is a secret and lies in an Airflow connection.

    The connection's password is the whole address, or as in Slack's own connections the part after the host.
    """

    conn_id: str

    def __str__(self) -> str:
        return f"webhook {self.conn_id}"

    def send(self, message: AlertMessage) -> None:
        address = webhook_address(Connection.get(self.conn_id))
        try:
            response = requests.post(
                address,
                json={"text": message.slack_text()},
                timeout=(CONNECT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS),
                # A redirect could lead anywhere, and the body of an answer can be endless.
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            # The library's messages hold the address.
            raise AlertError(_cause(error)) from None
        with response:
            if response.status_code not in range(200, 300):
                raise AlertError(f"the webhook answered {response.status_code} {response.reason}")


def webhook_address(connection: Connection) -> str:
    """Return the address of a webhook's connection. Raises AlertError when it has none."""
    secret = connection.password or ""
    if "://" in secret:
        address = secret
    elif secret:
        host = connection.host or SLACK_WEBHOOKS
        if "://" not in host:
            host = f"{connection.schema or 'https'}://{host}"
        if connection.port:
            host = f"{host}:{connection.port}"
        address = f"{host.rstrip('/')}/{secret.lstrip('/')}"
    else:
        raise AlertError("the connection has no password: it has to be the webhook's address")
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc:
        raise AlertError("the connection's password is no http(s) address")
    return address


def configured_channels(environment: Mapping[str, str] = os.environ) -> list[Channel]:
    """Return the channels that ``NOSTRO_ALERT_TO`` names; an entry that is none is logged and left out.

    The setting lists, separated by commas, e-mail addresses and ``webhook:<Airflow connection id>``.
    """
    recipients: list[str] = []
    channels: list[Channel] = []
    for entry in _entries(environment.get(TO_SETTING, "")):
        if entry.startswith(WEBHOOK_PREFIX) and entry != WEBHOOK_PREFIX:
            channels.append(Webhook(entry.removeprefix(WEBHOOK_PREFIX)))
        elif _ADDRESS.fullmatch(entry):
            recipients.append(entry)
        else:
            # The entry itself might be a webhook's address, and that is a secret.
            log.error(
                "%s: entry of %d characters is neither an e-mail address nor webhook:<connection id>",
                TO_SETTING,
                len(entry),
            )
    if recipients:
        smtp_conn_id = environment.get(SMTP_CONNECTION_SETTING) or "smtp_default"
        channels.insert(0, Mail(tuple(recipients), smtp_conn_id, environment.get(SENDER_SETTING) or None))
    return channels


def send(message: AlertMessage) -> str:
    """Send a message through every configured channel and return what became of it, one clause a channel.

    A channel that fails is logged; it keeps neither the other channels nor the caller from going on.
    """
    outcomes = []
    for channel in configured_channels():
        try:
            channel.send(message)
        except Exception as error:
            reason = without_secrets(str(error) or type(error).__name__)
            log.error("The alert could not be sent by %s: %s", channel, reason)
            outcomes.append(f"{channel}: not sent")
        else:
            log.info("Alert sent by %s", channel)
            outcomes.append(f"{channel}: sent")
    return "; ".join(outcomes) or f"nobody to tell: {TO_SETTING} is not set"


def _entries(setting: str) -> Iterator[str]:
    for entry in setting.split(","):
        if entry.strip():
            yield entry.strip()


def _cause(error: requests.RequestException) -> str:
    """Say why a request failed, from the parts of the exception that do not hold its address."""
    match error:
        case requests.ConnectTimeout():
            return f"no connection within {CONNECT_TIMEOUT_SECONDS} s"
        case requests.ReadTimeout():
            return f"no answer within {ANSWER_TIMEOUT_SECONDS} s"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate not trusted: {cause.verify_message}"
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException) and cause.strerror:
            return cause.strerror
        reason = getattr(cause.args[0], "reason", None) if cause.args else None
        cause = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
    return type(error).__name__
