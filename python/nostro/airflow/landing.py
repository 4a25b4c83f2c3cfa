"""Exactly-once landing in an Iceberg lake: write, audit, publish.

Every execution of a step writes rows stamped with an ``attempt_id`` of its own into ``*_landed`` tables,
which nobody reads directly. The audit compares the source's control totals with what the attempts landed and
rejected; one INSERT into ``lake.control.published_batches`` then publishes the audited attempts of all steps.
The public names are views of each batch's newest publication, so what a killed, repeated or late try wrote is
never seen.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from airflow.sdk import Asset, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from nostro.airflow.business_day import BusinessDay, business_day_of_run
from nostro.airflow.control_tables import CONTROL_TABLES
from nostro.airflow.transformation import TrinoTransformationOperator, summary
from nostro.airflow.trino_query import StatementResult, TaskTrinoHook, TrinoSession, literal

INCEPTION = datetime(1970, 1, 1, tzinfo=UTC)
MAX_FINDINGS = 20
PREPARE_TRIES = 5
ATTEMPT_KEY = "attempt_id"

# With statistics on, an INSERT under task retries can commit twice (trinodb/trino#31246).
LANDING_SESSION = {"lake.collect_extended_statistics_on_write": "false"}
# Airflow's own retries are enough for a short query, and without Trino's a publication is committed once.
SHORT_QUERY_SESSION = {"retry_policy": "NONE"}

CREATE_STATEMENT = re.compile(
    r"CREATE (?:OR REPLACE )?(?P<kind>SCHEMA|TABLE|VIEW)(?: IF NOT EXISTS)? lake\.(?P<name>[a-z0-9_.]+)"
)


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
    """One try of one step; a sharded step has a shard, others an empty one."""

    batch: Batch
    step: str
    shard: str
    attempt_id: str
    run_id: str

    @property
    def stamp(self) -> str:
        """The select items for a landed table's first columns: batch_key, step, attempt_id, run_id."""
        return ", ".join(literal(text) for text in (self.batch.key, self.step, self.attempt_id, self.run_id))

    @property
    def staging(self) -> str:
        """The name of this attempt's own table in the lake."""
        names = [self.step, self.shard, self.batch.business_date.replace("-", "")]
        readable = re.sub("[^a-z0-9_]+", "_", "_".join(name for name in names if name).lower())
        return f"lake.staging.{readable[:80]}_{self.attempt_id.replace('-', '')}"


class BatchTaskOperator(TrinoTransformationOperator):
    """A transformation within a batch. To its SQL template it adds:

    - ``batch``: the :class:`Batch`
    - ``attempt_id``, ``stamp``, ``staging``: of this try, see :class:`Attempt`
    - ``shard``: the shard's name as an SQL literal
    - ``attempts('task', …)``: the ids of the attempts that those tasks landed, quoted, for ``IN (…)``
    - ``landed('task', …)``: what those tasks told: ``step``, ``shard``, ``attempt_id``, ``staging``

    The attempt's id outlives a deferral, and no other execution has it, see :func:`attempt_id`.

    :param step: the name under which the rows land; the task's id by default
    :param shard: the part of the step that this task does
    :param open_task_id: the task of the :class:`OpenBatchOperator`
    """

    template_fields: Sequence[str] = ("shard", *TrinoTransformationOperator.template_fields)

    def __init__(
        self,
        *,
        step: str | None = None,
        shard: str = "",
        open_task_id: str = "open_batch",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.step = step or self.task_id
        self.shard = shard
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
            batch=self.batch(context),
            step=self.step,
            shard=self.render_template(self.shard, context, jinja_env),
            attempt_id=attempt_id(context["ti"]),
            run_id=context["run_id"],
        )
        self.attempt = attempt
        names: dict[str, Any] = {
            "batch": attempt.batch,
            "attempt_id": attempt.attempt_id,
            "stamp": attempt.stamp,
            "staging": attempt.staging,
            "shard": literal(attempt.shard),
            "attempts": lambda *tasks: (
                ", ".join(literal(one["attempt_id"]) for one in landed_attempts(context, tasks)) or "NULL"
            ),
            "landed": lambda *tasks: landed_attempts(context, tasks),
        }
        scope: Any = {**context, **names}
        super()._do_render_template_fields(parent, template_fields, scope, jinja_env, seen_oids)

    def batch(self, context: Context) -> Batch:
        """Return the batch that the task works on."""
        return batch_of_run(context, self.open_task_id)

    def completed(
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> dict[str, Any]:
        return {**self._identity(), **summary(results)}

    def _identity(self) -> dict[str, str]:
        if self.attempt is None:
            raise AirflowException(f"{self.task_id} was not rendered before it was executed")
        return {
            "step": self.attempt.step,
            "shard": self.attempt.shard,
            "attempt_id": self.attempt.attempt_id,
        }


class LandingOperator(BatchTaskOperator):
    """Land one step of a batch: each try writes rows under an attempt id of its own, and publishes nothing.

    Returns the attempt's id, query ids and counts. A retry starts a new attempt; what the failed one wrote
    stays unpublished until housekeeping removes it.

    :param keep_staging: leave the table ``staging`` of a successful try to the tasks after it, see
        :class:`DropStagingOperator`
    """

    def __init__(self, *, keep_staging: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.keep_staging = keep_staging

    def completed(
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> dict[str, Any]:
        told = super().completed(context, session, results)
        if self.keep_staging and self.attempt is not None:
            return {**told, "staging": self.attempt.staging}
        self._drop_staging(session)
        return told

    def abandoned(self, session: TrinoSession) -> None:
        self._drop_staging(session)

    def scratch_tables(self) -> Sequence[str]:
        return () if self.keep_staging or self.attempt is None else (self.attempt.staging,)

    def _drop_staging(self, session: TrinoSession) -> None:
        if self.attempt is None or session.cancelled or self.attempt.staging not in self.sql:
            return
        try:
            session.run(f"DROP TABLE IF EXISTS {self.attempt.staging}", "DROP staging")
        except AirflowException as error:
            # The rows are landed, or the try has failed already: a leftover table changes neither.
            self.log.warning("%s stays behind: %s", self.attempt.staging, error)


class DropStagingOperator(TrinoTransformationOperator):
    """Drop the tables that tasks with ``keep_staging`` have left, once nothing reads them any more.

    :param tasks: the ids of those tasks
    """

    def __init__(self, *, tasks: Sequence[str], **kwargs: Any) -> None:
        super().__init__(sql="", **kwargs)
        self.tasks = list(tasks)

    def execute(self, context: Context) -> dict[str, Any]:
        tables = [one["staging"] for one in landed_attempts(context, self.tasks) if "staging" in one]
        with self.session(context) as session:
            results = [session.run(f"DROP TABLE IF EXISTS {table}", f"DROP {table}") for table in tables]
        return {**summary(results), "dropped": len(tables)}


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
        self.session_properties = {**SHORT_QUERY_SESSION, **self.session_properties}

    def execute(self, context: Context) -> dict[str, Any]:
        day = business_day_of_run(context)
        with self.session(context) as session:
            create_missing(session, CONTROL_TABLES + ";" + self.sql)
            batch = self._open(session, day, context["run_id"])
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
            since=instant(BusinessDay(date.fromisoformat(base[0][1])).cut_off if base else INCEPTION),
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

    fetch = True

    def __init__(self, *, steps: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = list(steps)
        self.session_properties = {**SHORT_QUERY_SESSION, **self.session_properties}

    def completed(
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> dict[str, Any]:
        told = super().completed(context, session, results)
        fail_on_findings(self.batch(context).key, results)
        audited = [
            {"step": one["step"], "attempt_id": one["attempt_id"]}
            for one in landed_attempts(context, self.steps)
        ]
        # The audit's own attempt is published too: the totals that it has counted bear its id.
        own = {"step": told["step"], "attempt_id": told["attempt_id"]}
        return {"attempts": [*audited, own], **told}


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
        self.session_properties = {**LANDING_SESSION, **SHORT_QUERY_SESSION, **self.session_properties}

    def execute(self, context: Context) -> dict[str, Any]:
        batch = batch_of_run(context, self.open_task_id)
        audited = context["ti"].xcom_pull(task_ids=self.audit_task_id)
        if not audited or not audited.get("attempts"):
            raise AirflowFailException(
                f"Batch {batch.key} was not audited by {self.audit_task_id}: not published"
            )
        with self.session(context) as session:
            self._end_earlier_tries(context, session)
            publication_id, query_id = publish(session, batch, context["run_id"], audited["attempts"])
            for outlet in self.outlets:
                if isinstance(outlet, Asset):
                    context["outlet_events"][outlet].extra = {
                        "publication_id": publication_id,
                        **published_facts(session, batch, outlet),
                    }
        return {"batch_key": batch.key, "publication_id": publication_id, "query_ids": [query_id]}


def attempt_id(ti: Any) -> str:
    """Return the id under which an execution of a task lands its rows, a new one for each.

    Neither the instance's id nor the try's number is enough. A try whose deferral ends while the process that
    began it is still being taken down is begun anew by Airflow, with the same two (apache/airflow#72716), and
    one that dies before Airflow knows it as running keeps its id: either's query may have landed rows. What
    goes on after a deferral finds its id in an XCom, which Airflow clears when a task begins.
    """
    own = f"{ti.id}-{ti.try_number}-"
    # Without its index Airflow gives a mapped task those of all its instances.
    known = ti.xcom_pull(task_ids=ti.task_id, key=ATTEMPT_KEY, map_indexes=ti.map_index)
    if isinstance(known, str) and known.startswith(own):
        return known
    made = own + uuid4().hex[:8]
    ti.xcom_push(key=ATTEMPT_KEY, value=made)
    return made


def fail_on_findings(key: str, results: Sequence[StatementResult]) -> None:
    """Fail the task at once when an audit's SELECT has returned rows: their first columns are the causes."""
    findings = [str(row[0]) for result in results if result.update_type is None for row in result.rows]
    if findings:
        listed = "\n".join(f"- {finding}" for finding in findings[:MAX_FINDINGS])
        more = f"\n- and {len(findings) - MAX_FINDINGS} more" if len(findings) > MAX_FINDINGS else ""
        raise AirflowFailException(
            f"The audit of batch {key} failed, nothing was published; clear the steps named here "
            f"and what follows them, once the cause is mended:\n{listed}{more}"
        )


def publish(
    session: TrinoSession, batch: Batch, run_id: str, attempts: Iterable[Mapping[str, str]]
) -> tuple[str, str]:
    """Make a batch's attempts public with one INSERT; return the ids of the publication and the query."""
    publication_id = str(uuid4())
    rows = ", ".join(f"ROW({literal(one['step'])}, {literal(one['attempt_id'])})" for one in attempts)
    result = session.run(
        f"""INSERT INTO lake.control.published_batches
        SELECT {literal(batch.key)}, {literal(batch.job)}, DATE '{batch.business_date}',
            {literal(publication_id)}, current_timestamp(6), {literal(run_id)},
            CAST(ARRAY[{rows}] AS array(row(step varchar, attempt_id varchar)))""",
        "INSERT publication",
    )
    return publication_id, result.query_id


def published_facts(session: TrinoSession, batch: Batch, asset: Asset) -> dict[str, Any]:
    """Return what an asset's event tells of a batch: its key, rows, and control totals by step and currency.

    :param asset: one whose URI is ``trino://<name>/<catalog>/<schema>/<table>``
    """
    table = ".".join(urlsplit(asset.uri).path.strip("/").split("/"))
    [[row_count]] = session.run(
        f"SELECT count(*) FROM {table} WHERE business_date = DATE '{batch.business_date}'",
        f"SELECT count of {table}",
        fetch=True,
    ).rows
    totals = session.run(
        f"""SELECT step, currency, sum(source_count), CAST(sum(source_amount) AS varchar),
            sum(landed_count), sum(rejected_count)
        FROM lake.control.reconciliation WHERE batch_key = {literal(batch.key)}
        GROUP BY step, currency ORDER BY step, currency""",
        "SELECT control totals",
        fetch=True,
    ).rows
    names = ("step", "currency", "source_count", "source_amount", "landed_count", "rejected_count")
    return {
        "batch_key": batch.key,
        "business_date": batch.business_date,
        "row_count": row_count,
        "control_totals": [dict(zip(names, row, strict=True)) for row in totals],
    }


def batch_of_run(context: Mapping[str, Any] | Context, open_task_id: str) -> Batch:
    """Return the batch that the run's ``open_task_id`` has opened."""
    opened = context["ti"].xcom_pull(task_ids=open_task_id)
    if not opened:
        raise AirflowFailException(f"The run has no batch: task {open_task_id} has to succeed first")
    return Batch(**opened)


def landed_attempts(context: Mapping[str, Any] | Context, task_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return what each task told of its landing in this run, a mapped task's for each index.

    :raises AirflowFailException: for a task that has landed nothing; a mapped one may have had nothing to do
    """
    attempts: list[dict[str, Any]] = []
    for task_id in task_ids:
        landed = context["ti"].xcom_pull(task_ids=task_id)
        if not landed:
            if context["dag"].get_task(task_id).is_mapped:
                continue
            raise AirflowFailException(
                f"Task {task_id} has landed nothing in this run: it must succeed first"
            )
        attempts.extend([dict(landed)] if isinstance(landed, Mapping) else landed)
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
