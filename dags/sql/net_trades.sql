{%- from 'sql/macros.sql' import rate_is_missing, trade_effect %}
-- The control totals are read from the source alone: no join or filter below can hide a lost row.
INSERT INTO lake.control.control_totals
SELECT {{ stamp }}, 'source', t.currency, count(*), sum({{ trade_effect('t') }}), current_timestamp(6)
FROM trading_db.public.trades t
WHERE t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
GROUP BY t.currency;

-- The source is read once: what lands and what is rejected come from the same rows.
CREATE TABLE {{ staging }} AS
WITH first_rates AS (
    SELECT currency, min(rate_date) AS rate_date
    FROM portfolio_ops_db.public.fx_rates
    GROUP BY currency
),
classified AS (
    SELECT
        t.trade_id,
        t.account_id,
        t.currency,
        t.posted_at,
        t.posted_at < TIMESTAMP '{{ batch.day_start }}' AS carried,
        {{ trade_effect('t') }} AS amount,
        add_business_days(
            CAST(t.traded_at AT TIME ZONE 'Europe/Berlin' AS date), i.settlement_days, i.calendar) AS value_date,
        CASE
            WHEN a.account_id IS NULL THEN 'unknown account'
            WHEN NOT coalesce(isin_is_valid(t.isin), false) THEN 'invalid ISIN'
            WHEN i.isin IS NULL THEN 'unknown instrument'
            WHEN {{ rate_is_missing('r.rate_date', 't.posted_at') }} THEN 'missing rate'
        END AS reason
    FROM trading_db.public.trades t
    LEFT JOIN trading_db.public.account a ON a.account_id = t.account_id
    LEFT JOIN portfolio_ops_db.public.instruments i ON i.isin = t.isin
    LEFT JOIN first_rates r ON r.currency = t.currency
    WHERE t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
)
SELECT
    account_id,
    currency,
    IF(reason IS NULL AND NOT carried, value_date) AS value_date,
    carried,
    reason,
    IF(reason IS NOT NULL, trade_id) AS trade_id,
    IF(reason IS NOT NULL, posted_at) AS posted_at,
    count(*) AS movement_count,
    CAST(sum(amount) AS decimal(38, 2)) AS amount
FROM classified
GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO lake.banking.cash_position_offsets_landed
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}', carried,
    account_id, currency, 'trade', value_date, amount, movement_count
FROM {{ staging }}
WHERE reason IS NULL;

INSERT INTO lake.banking.rejects_landed
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}', carried,
    'trades', CAST(trade_id AS varchar), account_id, currency, amount, reason, posted_at
FROM {{ staging }}
WHERE reason IS NOT NULL;
