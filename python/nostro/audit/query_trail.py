"""The Trino queries behind a publication: from Iceberg's snapshots, and from Trino while it remembers them.

A snapshot names the query that committed it for as long as the snapshot lives; `system.runtime.queries` names
every query of a run, but only those of the last while and since Trino's last start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nostro.audit.publication import Publication
from nostro.audit.values import in_utc, instant, literal, literals
from nostro.stack.query import TrinoSession

CONTROL_TOTALS = "lake.control.control_totals"
LANDED_TABLES = (
    "lake.banking.movements_landed",
    "lake.analytics.account_balances_landed",
    "lake.analytics.account_margin_reqs_landed",
    "lake.analytics.positions_landed",
)
REWRITTEN = "replace"


@dataclass(frozen=True)
class Commit:
    """Rows of one published attempt that one query committed to one table of the lake.

    `query_id` is None when the snapshot has expired, or when housekeeping has joined the files since: then
    the commit that is known is not the one that first wrote the rows. `bytes` is the size of all files that
    the query has added.
    """

    step: str
    attempt_id: str
    table: str
    rows: int
    query_id: str | None
    committed_at: datetime | None
    bytes: int | None


@dataclass(frozen=True)
class RememberedQuery:
    """A query of the run that Trino still lists; `task` has the map index of a mapped task in brackets."""

    dag_id: str
    task: str
    try_number: int
    query_id: str
    state: str
    created_at: datetime
    ended_at: datetime | None


def commits(session: TrinoSession, publication: Publication, account: str | None = None) -> list[Commit]:
    """Return the commits that wrote a publication: its control rows, and its rows, all or one account's.

    They come attempt by attempt, in the order in which the attempts began to write.
    """
    batch = f"batch_key = {literal(publication.batch_key)}"
    attempts = f"{batch} AND attempt_id IN ({literals(publication.attempt_ids)})"
    day = f"{attempts} AND business_date = DATE '{publication.business_date}'"
    own = day if account is None else f"{day} AND account_id = {literal(account)}"
    sources = [
        ("lake.control.batches", f"{batch} AND run_id = {literal(publication.run_id)}", "'open_batch'"),
        (CONTROL_TOTALS, attempts, "attempt_id"),
        *((table, own, "attempt_id") for table in LANDED_TABLES),
        (
            "lake.control.published_batches",
            f"{batch} AND publication_id = {literal(publication.publication_id)}",
            "'publish_batch'",
        ),
    ]
    steps = {attempt.attempt_id: attempt.step for attempt in publication.attempts}
    # One statement: each would wait for its own planning, and the lake's metadata would be read as often.
    rows = session.execute(" UNION ALL ".join(_select_commits(*source) for source in sources))
    found = [
        Commit(
            step=steps.get(wrote, wrote),
            attempt_id=wrote if wrote in steps else "",
            table=table,
            rows=count,
            query_id=query_id,
            committed_at=None if committed_at is None else instant(committed_at),
            bytes=None if size is None else int(size),
        )
        for table, wrote, query_id, committed_at, size, count in rows
    ]
    begun: dict[tuple[str, str], datetime] = {}
    for commit in found:
        key, when = (commit.step, commit.attempt_id), commit.committed_at or publication.published_at
        begun[key] = min(when, begun.get(key, when))
    return sorted(
        found,
        key=lambda one: (
            begun[one.step, one.attempt_id],
            one.attempt_id,
            one.committed_at or publication.published_at,
            one.table,
        ),
    )


def _select_commits(table: str, condition: str, wrote: str) -> str:
    """Return the query of the commits of those rows, through the data files that hold them."""
    catalog, schema, name = table.split(".")
    return f"""
        SELECT {literal(table)}, f.wrote, element_at(s.summary, 'trino_query_id'),
            CAST(s.committed_at AT TIME ZONE 'UTC' AS timestamp(6)),
            element_at(s.summary, 'added-files-size'), sum(f.row_count)
        FROM (
            SELECT {wrote} AS wrote, "$path" AS path, count(*) AS row_count
            FROM {table} WHERE {condition} GROUP BY 1, 2
        ) f
        LEFT JOIN {catalog}.{schema}."{name}$entries" e ON e.data_file.file_path = f.path
        LEFT JOIN {catalog}.{schema}."{name}$snapshots" s
            ON s.snapshot_id = e.snapshot_id AND s.operation <> '{REWRITTEN}'
        GROUP BY 1, 2, 3, 4, 5"""


def remembered_queries(session: TrinoSession, run_id: str) -> list[RememberedQuery]:
    """Return the queries of a run that Trino still lists, in the order of their creation."""
    rows = session.execute(
        f"""SELECT query_id, state, source, {in_utc("created")}, {in_utc('"end"')}
        FROM system.runtime.queries
        WHERE source LIKE 'nostro/%' AND strpos(source, {literal(f"/{run_id}/")}) > 0
        ORDER BY created"""
    )
    found = []
    for query_id, state, source, created, ended in rows:
        _, dag_id, *_, task, try_number = source.split("/")
        found.append(
            RememberedQuery(
                dag_id=dag_id,
                task=task,
                try_number=int(try_number),
                query_id=query_id,
                state=state,
                created_at=instant(created),
                ended_at=None if ended is None else instant(ended),
            )
        )
    return found
