"""Submitting a statement to Trino once: what may have been taken is not sent again."""

from __future__ import annotations

import time
from http import HTTPStatus

import requests
from trino.client import TrinoRequest
from urllib3.exceptions import MaxRetryError, NewConnectionError

_REFUSALS = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_PAUSES = (0.1, 0.5, 2.0)


def submit(request: TrinoRequest, statement: str) -> requests.Response:
    """Post a statement, and again for a few seconds while Trino has certainly not taken it.

    The client's own post is also repeated after a time-out, a lost connection or an empty answer. By then the
    statement may be running, and an INSERT would land its rows twice. Raises requests' exception for those.
    """
    attempts = request.max_attempts
    request.max_attempts = 1
    try:
        for seconds in _PAUSES:
            try:
                response = request.post(statement)
            except requests.ConnectionError as error:
                if not _was_refused(error):
                    raise
            else:
                if response.status_code not in _REFUSALS:
                    return response
            time.sleep(seconds)
        return request.post(statement)
    finally:
        request.max_attempts = attempts


def _was_refused(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
