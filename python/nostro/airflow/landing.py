"""Exactly-once landing in an Iceberg lake: write, audit, publish.

Every try of a step writes rows stamped with an ``attempt_id`` of its own into ``*_landed`` tables, which
nobody reads directly. The audit compares the source's control totals with what the attempts landed and
rejected; one INSERT into ``lake.control.published_batches`` then publishes the audited attempts of all steps.
The public names are views of each batch's newest publication, so what a killed, repeated or late try wrote is
never seen.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from nostro.airflow.business_day import BusinessDay, business_day_of_run
from nostro.airflow.control_tables import CONTROL_TABLES
from nostro.airflow.transformation import TrinoTransformationOperator, summary
from nostro.airflow.trino_query import TaskTrinoHook, TrinoSession

INCEPTION = datetime(1970, 1, 1, tzinfo=UTC)
MAX_FINDINGS = 20
PREPARE_TRIES = 5

# With statistics on, an INSERT under task retries can commit twice (trinodb/trino#31246).
LANDING_SESSION = {"lake.collect_extended_statistics_on_write": "false"}

CREATE_STATEMENT = re.compile(
    r"CREATE (?:OR REPLACE )?(?P<kind>SCHEMA|TABLE|VIEW)(?: IF NOT EXISTS)? lake\.(?P<name>[a-z0-9_.]+)"
)


def literal(text: str) -> str:
    """Return ``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def instant(value: datetime) -> str:
    """Return an instant as the text of a Trino ``TIMESTAMP '…'`` literal."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


@dataclass(frozen=True)
class Batch:
    """What a run processes, fixed once by its ``open_batch`` task.

    ``since`` to ``cut_off`` are the movements to process; those from ``day_start`` on are the business date's
    own, earlier ones only carry the base batch's result forward. The instants are texts for
    ``TIMESTAMP '…'``; without a base ``base_key`` and ``base_attempt_id`` are empty.
    """

    key: str
    job: str
    business_date: str
    since: str
    day_start: str
    cut_off: str
    base_key: str
    base_attempt_id: str


@dataclass(frozen=True)
class Attempt:
    """One try of one step."""

    batch: Batch
    step: str
    attempt_id: str
    run_id: str

    @property
    def stamp(self) -> str:
        """The select items for a landed table's first columns: batch_key, step, attempt_id, run_id."""
        return ", ".join(literal(text) for text in (self.batch.key, self.step, self.attempt_id, self.run_id))

    @property
    def staging(self) -> str:
        """The name of this attempt's own table in the lake, dropped when the try ends."""
        step = re.sub("[^a-z0-9_]", "_", self.step.lower())
        return f"lake.staging.{step}_{self.attempt_id.replace('-', '')}"


class BatchTaskOperator(TrinoTransformationOperator):
    """A transformation within a batch. To its SQL template it adds:

    - ``batch``: the :class:`Batch`
    - ``attempt_id``, ``stamp``, ``staging``: of this try, see :class:`Attempt`
    - ``attempts('step', …)``: the ids of the attempts that those steps' tasks landed, quoted, for ``IN (…)``

    :param step: the name under which the rows land; the task's id by default
    :param open_task_id: the task of the :class:`OpenBatchOperator`
    """

    def __init__(self, *, step: str | None = None, open_task_id: str = "open_batch", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step or self.task_id
        self.open_task_id = open_task_id
        self.session_properties = {**LANDING_SESSION, **self.session_properties}
        self.attempt: Attempt | None = None

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Context,
        jinja_env: Any,
        seen_oids: set[int],
    ) -> None:
        attempt = Attempt(
            batch_of_run(context, self.open_task_id), self.step, str(uuid4()), context["run_id"]
        )
        self.attempt = attempt
        names: dict[str, Any] = {
            "batch": attempt.batch,
            "attempt_id": attempt.attempt_id,
            "stamp": attempt.stamp,
            "staging": attempt.staging,
            "attempts": lambda *steps: ", ".join(
                literal(one["attempt_id"]) for one in landed_attempts(context, steps)
            ),
        }
        scope: Any = {**context, **names}
        super()._do_render_template_fields(parent, template_fields, scope, jinja_env, seen_oids)


class LandingOperator(BatchTaskOperator):
    """Land one step of a batch: each try writes rows under an attempt id of its own, and publishes nothing.

    Returns the attempt's id, query ids and counts. A retry starts a new attempt; what the failed one wrote
    stays unpublished until housekeeping removes it.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        if self.attempt is None:
            raise AirflowException(f"{self.task_id} was not rendered before it was executed")
        session = self.open_session(context)
        try:
            results = self.run_statements(session, self.sql)
        except BaseException:
            self._drop_staging(session, failed=True)
            session.close()
            raise
        self._drop_staging(session, failed=False)
        session.close()
        return {"step": self.step, "attempt_id": self.attempt.attempt_id, **summary(results)}

    def _drop_staging(self, session: TrinoSession, failed: bool) -> None:
        if self.attempt is None or session.cancelled or self.attempt.staging not in self.sql:
            return
        try:
            session.run(f"DROP TABLE IF EXISTS {self.attempt.staging}", "DROP staging")
        except AirflowException as error:
            # The rows are landed, or the try has failed already: a leftover table changes neither.
            self.log.warning(
                "%s stays behind (try %s): %s", self.attempt.staging, "failed" if failed else "done", error
            )


class OpenBatchOperator(TrinoTransformationOperator):
    """Fix once per run what it processes: business date, posting window and base batch.

    The base is the newest published batch of the job before the business date: its result is carried forward,
    so only movements posted since its cut-off are read. Without one, everything since inception is.

    :param job: first part of the batch key, ``<job>/<business date>``
    :param carries: the step whose landed rows of the base batch are carried forward
    :param sql: CREATE statements of the job's tables and views; those that are missing are run
    """

    def __init__(self, *, job: str, carries: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.carries = carries

    def execute(self, context: Context) -> dict[str, Any]:
        day = business_day_of_run(context)
        session = self.open_session(context)
        try:
            create_missing(session, CONTROL_TABLES + ";" + self.sql)
            batch = self._open(session, day, context["run_id"])
        finally:
            session.close()
        self.log.info(
            "Batch %s: movements from %s to %s, base %s",
            batch.key,
            batch.since,
            batch.cut_off,
            batch.base_key,
        )
        return asdict(batch)

    def _open(self, session: TrinoSession, day: BusinessDay, run_id: str) -> Batch:
        base = session.run(
            f"""SELECT batch_key, business_date, attempt_id FROM lake.control.published_attempts
            WHERE job = {literal(self.job)} AND step = {literal(self.carries)}
                AND business_date < DATE '{day.date}'
            ORDER BY business_date DESC LIMIT 1""",
            "SELECT base batch",
            fetch=True,
        ).rows
        base_key, base_attempt_id = (base[0][0], base[0][2]) if base else ("", "")
        batch = Batch(
            key=f"{self.job}/{day.date}",
            job=self.job,
            business_date=day.date.isoformat(),
            since=instant(BusinessDay(base[0][1]).cut_off if base else INCEPTION),
            day_start=instant(day.previous.cut_off),
            cut_off=instant(day.cut_off),
            base_key=base_key,
            base_attempt_id=base_attempt_id,
        )
        session.run(
            f"""INSERT INTO lake.control.batches
            SELECT {literal(batch.key)}, {literal(batch.job)},
                DATE '{batch.business_date}', {literal(run_id)},
                TIMESTAMP '{batch.since}', TIMESTAMP '{batch.day_start}', TIMESTAMP '{batch.cut_off}',
                {literal(base_key)}, {literal(base_attempt_id)}, current_timestamp(6)""",
            "INSERT batch",
        )
        return batch


class AuditBatchOperator(BatchTaskOperator):
    """Check what a batch's steps landed; publish nothing when anything is amiss.

    Every row that a SELECT in ``sql`` returns is a finding, its first column the text. Findings fail the task
    at once: a retry of the audit reads the same rows, while a new try of the step named lands them anew.

    :param steps: the ids of the tasks whose attempts are audited, and then published
    """

    def __init__(self, *, steps: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = list(steps)

    def execute(self, context: Context) -> dict[str, Any]:
        attempts = landed_attempts(context, self.steps)
        session = self.open_session(context)
        try:
            results = self.run_statements(session, self.sql, fetch=True)
        finally:
            session.close()
        key = batch_of_run(context, self.open_task_id).key
        findings = [str(row[0]) for result in results if result.update_type is None for row in result.rows]
        if findings:
            listed = "\n".join(f"- {finding}" for finding in findings[:MAX_FINDINGS])
            more = f"\n- and {len(findings) - MAX_FINDINGS} more" if len(findings) > MAX_FINDINGS else ""
            raise AirflowFailException(
                f"The audit of batch {key} failed, nothing was published; clear the steps named here "
                f"and what follows them, once the cause is mended:\n{listed}{more}"
            )
        return {"attempts": attempts, **summary(results)}


class PublishBatchOperator(TrinoTransformationOperator):
    """Publish the audited attempts of all steps with one INSERT.

    :param audit_task_id: the task of the :class:`AuditBatchOperator`; what it audited is what is published
    """

    def __init__(
        self, *, audit_task_id: str = "audit_batch", open_task_id: str = "open_batch", **kwargs: Any
    ) -> None:
        super().__init__(sql="", **kwargs)
        self.audit_task_id = audit_task_id
        self.open_task_id = open_task_id
        self.session_properties = {**LANDING_SESSION, **self.session_properties}

    def execute(self, context: Context) -> dict[str, Any]:
        batch = batch_of_run(context, self.open_task_id)
        audited = context["ti"].xcom_pull(task_ids=self.audit_task_id)
        if not audited or not audited.get("attempts"):
            raise AirflowFailException(
                f"Batch {batch.key} was not audited by {self.audit_task_id}: not published"
            )
        publication_id = str(uuid4())
        attempts = ", ".join(
            f"ROW({literal(one['step'])}, {literal(one['attempt_id'])})" for one in audited["attempts"]
        )
        session = self.open_session(context)
        try:
            result = session.run(
                f"""INSERT INTO lake.control.published_batches
                SELECT {literal(batch.key)}, {literal(batch.job)}, DATE '{batch.business_date}',
                    {literal(publication_id)}, current_timestamp(6), {literal(context["run_id"])},
                    CAST(ARRAY[{attempts}] AS array(row(step varchar, attempt_id varchar)))""",
                "INSERT publication",
            )
        finally:
            session.close()
        return {"batch_key": batch.key, "publication_id": publication_id, "query_ids": [result.query_id]}


def batch_of_run(context: Mapping[str, Any] | Context, open_task_id: str) -> Batch:
    """Return the batch that the run's ``open_task_id`` has opened."""
    opened = context["ti"].xcom_pull(task_ids=open_task_id)
    if not opened:
        raise AirflowFailException(f"The run has no batch: task {open_task_id} has to succeed first")
    return Batch(**opened)


def landed_attempts(context: Mapping[str, Any] | Context, task_ids: Iterable[str]) -> list[dict[str, str]]:
    """Return step and attempt id of what each task landed in this run, a mapped task's for each index."""
    attempts: list[dict[str, str]] = []
    for task_id in task_ids:
        landed = context["ti"].xcom_pull(task_ids=task_id)
        if not landed:
            raise AirflowFailException(
                f"Task {task_id} has landed nothing in this run: it must succeed first"
            )
        for one in [landed] if isinstance(landed, Mapping) else landed:
            attempts.append({"step": one["step"], "attempt_id": one["attempt_id"]})
    return attempts


def create_missing(session: TrinoSession, statements: str) -> None:
    """Run those CREATE statements of ``lake`` whose schema, table or view does not exist yet.

    Another run may be creating the same: its winning is as good.
    """
    wanted: dict[str, str] = {}
    for statement in TaskTrinoHook.split_sql_string(statements, strip_semicolon=True):
        match = CREATE_STATEMENT.match(statement)
        if match is None:
            raise AirflowFailException(f"Expected CREATE SCHEMA, TABLE or VIEW lake.…, not: {statement[:80]}")
        wanted[match["name"]] = statement
    for attempt in range(1, PREPARE_TRIES + 1):
        existing = {
            row[0]
            for row in session.run(
                """SELECT schema_name FROM lake.information_schema.schemata
                UNION ALL SELECT table_schema || '.' || table_name FROM lake.information_schema.tables""",
                "SELECT existing tables",
                fetch=True,
            ).rows
        }
        missing = [name for name in wanted if name not in existing]
        if not missing:
            return
        try:
            for name in missing:
                session.run(wanted[name], f"CREATE {name}")
        except AirflowException:
            if attempt == PREPARE_TRIES:
                raise
            time.sleep(1)
