"""The lake's control tables: which batches were opened, audited and published (docs/pipelines.md)."""

from __future__ import annotations

CONTROL_TABLES = """
CREATE SCHEMA IF NOT EXISTS lake.control;

CREATE SCHEMA IF NOT EXISTS lake.staging;

CREATE TABLE IF NOT EXISTS lake.control.batches (
    batch_key varchar,
    job varchar,
    business_date date,
    run_id varchar,
    since timestamp(6) with time zone,
    day_start timestamp(6) with time zone,
    cut_off timestamp(6) with time zone,
    base_key varchar,
    base_attempt_id varchar,
    opened_at timestamp(6) with time zone
)
WITH (max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.control.control_totals (
    batch_key varchar,
    step varchar,
    shard varchar,
    attempt_id varchar,
    run_id varchar,
    side varchar,
    currency varchar,
    row_count bigint,
    amount decimal(38, 2),
    recorded_at timestamp(6) with time zone
)
WITH (max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.control.published_batches (
    batch_key varchar,
    job varchar,
    business_date date,
    publication_id varchar,
    published_at timestamp(6) with time zone,
    run_id varchar,
    attempts array(row(step varchar, attempt_id varchar))
)
WITH (max_commit_retry = 100);

CREATE OR REPLACE VIEW lake.control.published_attempts AS
SELECT batch_key, job, business_date, publication_id, published_at, run_id, attempt.step, attempt.attempt_id
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY batch_key ORDER BY published_at DESC, publication_id DESC) AS age
    FROM lake.control.published_batches
)
CROSS JOIN UNNEST(attempts) AS attempt (step, attempt_id)
WHERE age = 1;

CREATE OR REPLACE VIEW lake.control.reconciliation AS
SELECT
    t.batch_key,
    t.step,
    t.shard,
    t.currency,
    coalesce(sum(row_count) FILTER (WHERE side = 'source'), 0) AS source_count,
    coalesce(sum(amount) FILTER (WHERE side = 'source'), 0) AS source_amount,
    coalesce(sum(row_count) FILTER (WHERE side = 'landed'), 0) AS landed_count,
    coalesce(sum(amount) FILTER (WHERE side = 'landed'), 0) AS landed_amount,
    coalesce(sum(row_count) FILTER (WHERE side = 'rejected'), 0) AS rejected_count,
    coalesce(sum(amount) FILTER (WHERE side = 'rejected'), 0) AS rejected_amount
FROM lake.control.control_totals t
JOIN lake.control.published_attempts p ON p.batch_key = t.batch_key AND p.attempt_id = t.attempt_id
GROUP BY t.batch_key, t.step, t.shard, t.currency;
"""
