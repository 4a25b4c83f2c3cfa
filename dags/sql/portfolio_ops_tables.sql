CREATE SCHEMA IF NOT EXISTS lake.banking;

CREATE SCHEMA IF NOT EXISTS lake.analytics;

-- Shards, shapes and dates append side by side: an append that loses the race for a commit is tried again, more often
-- than Iceberg's own four times, after which the task would fail.
CREATE TABLE IF NOT EXISTS lake.banking.movements_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    shard varchar,
    business_date date,
    carried boolean,
    source varchar,
    offset_type varchar,
    account_id varchar,
    currency varchar,
    value_date date,
    reason varchar,
    source_id varchar,
    account varchar,
    posted_at timestamp(6) with time zone,
    movement_count bigint,
    amount decimal(38, 2)
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.analytics.account_balances_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    business_date date,
    account_id varchar,
    currency varchar,
    opening_balance decimal(38, 2),
    deposits decimal(38, 2),
    withdrawals decimal(38, 2),
    trades decimal(38, 2),
    closing_balance decimal(38, 2),
    base_currency varchar,
    closing_balance_base decimal(38, 2),
    accrued_interest decimal(38, 2)
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.analytics.account_margin_reqs_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    business_date date,
    account_id varchar,
    position_count bigint,
    long_market_value_usd decimal(38, 2),
    short_market_value_usd decimal(38, 2),
    initial_requirement_usd decimal(38, 2),
    maintenance_requirement_usd decimal(38, 2),
    requirement_base decimal(38, 2),
    cash_balance_base decimal(38, 2),
    excess_base decimal(38, 2),
    margin_call boolean
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.analytics.positions_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    business_date date,
    account_id varchar,
    isin varchar,
    currency varchar,
    quantity decimal(22, 4),
    price_usd decimal(16, 6),
    market_value_usd decimal(38, 2)
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE OR REPLACE VIEW lake.banking.cash_position_offsets AS
SELECT
    l.business_date, l.account_id, l.currency, l.offset_type, l.value_date,
    CAST(sum(l.amount) AS decimal(38, 2)) AS amount, sum(l.movement_count) AS movement_count
FROM lake.banking.movements_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id
WHERE NOT l.carried AND l.reason IS NULL
GROUP BY l.business_date, l.account_id, l.currency, l.offset_type, l.value_date;

CREATE OR REPLACE VIEW lake.banking.rejects AS
SELECT
    l.business_date, l.step, l.source, l.source_id, l.account, l.currency, l.amount, l.reason, l.posted_at
FROM lake.banking.movements_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id
WHERE NOT l.carried AND l.reason IS NOT NULL
UNION ALL
SELECT
    l.business_date, l.step, 'position', l.account_id || ':' || l.isin, l.account_id, l.currency, NULL,
    'missing price', NULL
FROM lake.analytics.positions_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id
WHERE l.price_usd IS NULL;

CREATE OR REPLACE VIEW lake.analytics.positions AS
SELECT l.business_date, l.account_id, l.isin, l.currency, l.quantity, l.price_usd, l.market_value_usd
FROM lake.analytics.positions_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id;

CREATE OR REPLACE VIEW lake.analytics.account_balances AS
SELECT
    l.business_date, l.account_id, l.currency, l.opening_balance, l.deposits, l.withdrawals, l.trades,
    l.closing_balance, l.base_currency, l.closing_balance_base, l.accrued_interest
FROM lake.analytics.account_balances_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id;

CREATE OR REPLACE VIEW lake.analytics.account_margin_reqs AS
SELECT
    l.business_date, l.account_id, l.long_market_value_usd, l.short_market_value_usd, l.initial_requirement_usd,
    l.maintenance_requirement_usd, l.requirement_base, l.cash_balance_base, l.excess_base, l.margin_call
FROM lake.analytics.account_margin_reqs_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id;
