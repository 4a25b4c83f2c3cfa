CREATE SCHEMA IF NOT EXISTS lake.risk;

CREATE TABLE IF NOT EXISTS lake.risk.account_risk_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    business_date date,
    account_id varchar,
    market_value_usd decimal(38, 2),
    scenario_count bigint,
    value_at_risk_usd decimal(38, 2),
    expected_shortfall_usd decimal(38, 2)
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE TABLE IF NOT EXISTS lake.risk.counterparty_exposures_landed (
    batch_key varchar,
    step varchar,
    attempt_id varchar,
    run_id varchar,
    business_date date,
    counterparty_bank varchar,
    currency varchar,
    movement_count bigint,
    receivable decimal(38, 2),
    payable decimal(38, 2),
    net_exposure_eur decimal(38, 2)
)
WITH (partitioning = ARRAY['business_date'], max_commit_retry = 100);

CREATE OR REPLACE VIEW lake.risk.account_risk AS
SELECT
    l.business_date, l.account_id, l.market_value_usd, l.scenario_count, l.value_at_risk_usd,
    l.expected_shortfall_usd
FROM lake.risk.account_risk_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id;

CREATE OR REPLACE VIEW lake.risk.counterparty_exposures AS
SELECT
    l.business_date, l.counterparty_bank, l.currency, l.movement_count, l.receivable, l.payable,
    l.net_exposure_eur
FROM lake.risk.counterparty_exposures_landed l
JOIN lake.control.published_attempts p
    ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id;
