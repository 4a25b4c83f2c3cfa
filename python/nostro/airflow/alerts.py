"""Alerts on a failed task: always a log line, and an e-mail where one is configured."""

from __future__ import annotations

import html
import logging
import os
from collections.abc import Mapping
from typing import Any

from airflow.providers.smtp.hooks.smtp import SmtpHook

RECIPIENTS_SETTING = "NOSTRO_ALERT_EMAILS"
SENDER_SETTING = "NOSTRO_ALERT_SENDER"
SMTP_CONNECTION_SETTING = "NOSTRO_ALERT_SMTP_CONN_ID"

log = logging.getLogger(__name__)


def alert_on_failure(context: Mapping[str, Any]) -> None:
    """Tell of a task that failed for good (``on_failure_callback``).

    Settings, from the environment of Airflow's workers: ``NOSTRO_ALERT_EMAILS`` (addresses separated by
    commas; none: no e-mail), ``NOSTRO_ALERT_SENDER`` (the SMTP connection's sender by default) and
    ``NOSTRO_ALERT_SMTP_CONN_ID`` (``smtp_default``). An alert that cannot be sent is logged and changes
    nothing else.
    """
    subject, lines = describe_failure(context)
    log.error("%s\n%s", subject, "\n".join(lines))
    recipients = [
        address.strip() for address in os.environ.get(RECIPIENTS_SETTING, "").split(",") if address.strip()
    ]
    if not recipients:
        return
    try:
        with SmtpHook(smtp_conn_id=os.environ.get(SMTP_CONNECTION_SETTING, "smtp_default")) as smtp:
            smtp.send_email_smtp(
                to=recipients,
                subject=subject,
                html_content="".join(f"<p>{html.escape(line)}</p>" for line in lines).replace("\n", "<br>"),
                from_email=os.environ.get(SENDER_SETTING),
            )
    except Exception as error:
        log.exception("The alert could not be sent to %s: %s", ", ".join(recipients), error)
    else:
        log.info("Alert sent to %s", ", ".join(recipients))


def describe_failure(context: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return subject and lines of the message about a failed task."""
    ti = context["ti"]
    subject = f"{ti.dag_id}: {ti.task_id} failed"
    lines = [
        f"Run: {ti.run_id}",
        f"Try: {ti.try_number}",
        f"Cut-off: {context.get('data_interval_end') or 'given by the parameter business_date'}",
        f"Cause: {context.get('exception') or 'see the task log'}",
        f"Log: {getattr(ti, 'log_url', '')}",
    ]
    return subject, lines
