"""Business dates that have to be run again: their rejects were repaired, or what they carry was restated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from airflow.sdk import Context

from nostro.airflow.transformation import TrinoTransformationOperator
from nostro.airflow.trino_query import StatementResult, TrinoSession


class FindReplaysOperator(TrinoTransformationOperator):
    """Return the business dates that a query finds, each as the configuration of a run: ``business_date``.

    :param sql: a SELECT of dates as texts, in the order in which they are to be run
    """

    fetch: ClassVar[bool] = True

    def completed(  # type: ignore[override]
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> list[dict[str, Any]]:
        replays = [{"business_date": day} for (day,) in results[-1].rows]
        self.log.info("To be run again: %s", ", ".join(one["business_date"] for one in replays) or "nothing")
        return replays
