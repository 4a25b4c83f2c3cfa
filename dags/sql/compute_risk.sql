{%- from 'sql/macros.sql' import newest_rates %}
{%- set published -%}
(
    SELECT attempt.attempt_id
    FROM lake.control.published_batches
    CROSS JOIN UNNEST(attempts) AS attempt (step, attempt_id)
    WHERE publication_id = '{{ batch.base_attempt_id }}'
)
{%- endset %}
INSERT INTO lake.control.batches
SELECT '{{ batch.key }}', '{{ batch.job }}', DATE '{{ batch.business_date }}', '{{ run_id }}',
    TIMESTAMP '{{ batch.since }}', TIMESTAMP '{{ batch.day_start }}', TIMESTAMP '{{ batch.cut_off }}',
    '{{ batch.base_key }}', '{{ batch.base_attempt_id }}', current_timestamp(6);

-- Historical simulation: today's positions under each of the last days' price changes.
INSERT INTO lake.risk.account_risk_landed
WITH positions AS (
    SELECT account_id, isin, market_value_usd
    FROM lake.analytics.positions_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN {{ published }}
        AND price_usd IS NOT NULL
),
returns AS (
    SELECT isin, price_date, close / lag(close) OVER (PARTITION BY isin ORDER BY price_date) - 1 AS change
    FROM (SELECT isin, price_date, CAST(close AS double) AS close FROM portfolio_ops_db.public.prices)
    WHERE price_date <= DATE '{{ batch.business_date }}'
),
days AS (
    SELECT price_date
    FROM (SELECT DISTINCT price_date FROM returns WHERE change IS NOT NULL)
    ORDER BY price_date DESC
    LIMIT {{ params.scenarios }}
),
scenarios AS (
    SELECT p.account_id, r.price_date, sum(CAST(p.market_value_usd AS double) * r.change) AS pnl
    FROM positions p
    JOIN returns r ON r.isin = p.isin
    JOIN days d ON d.price_date = r.price_date
    WHERE r.change IS NOT NULL
    GROUP BY p.account_id, r.price_date
),
losses AS (
    SELECT
        account_id,
        count(*) AS scenario_count,
        value_at_risk(pnl, {{ params.confidence }}) AS value_at_risk,
        expected_shortfall(pnl, {{ params.confidence }}) AS expected_shortfall
    FROM scenarios
    GROUP BY account_id
)
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}',
    p.account_id, p.market_value_usd, coalesce(l.scenario_count, 0),
    -- In cents: sums of doubles differ in their last digits from run to run.
    CAST(l.value_at_risk AS decimal(38, 2)), CAST(l.expected_shortfall AS decimal(38, 2))
FROM (SELECT account_id, CAST(sum(market_value_usd) AS decimal(38, 2)) AS market_value_usd
    FROM positions GROUP BY account_id) p
LEFT JOIN losses l ON l.account_id = p.account_id;

-- What each bank still owes us, and we it: posted by the cut-off, with a value date after the business date.
INSERT INTO lake.risk.counterparty_exposures_landed
WITH rates AS (
    {{ newest_rates(batch.business_date) }}
),
unsettled AS (
    SELECT
        counterparty_bank,
        currency,
        count(*) AS movement_count,
        coalesce(sum(IF(reversal_of IS NULL, amount, -amount)) FILTER (WHERE transaction_type = 'deposit'), 0)
            AS receivable,
        coalesce(sum(IF(reversal_of IS NULL, amount, -amount)) FILTER (WHERE transaction_type = 'withdrawal'), 0)
            AS payable
    FROM bankteam_app.public.transactions
    WHERE posted_at < TIMESTAMP '{{ batch.cut_off }}' AND value_date > DATE '{{ batch.business_date }}'
        AND counterparty_bank IS NOT NULL
    GROUP BY counterparty_bank, currency
)
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}',
    u.counterparty_bank, u.currency, u.movement_count, u.receivable, u.payable,
    fx_convert(u.receivable - u.payable, r.rate, DECIMAL '1', 'EUR')
FROM unsettled u
LEFT JOIN rates r ON r.currency = u.currency;

SELECT format('account_risk: %s accounts have positions, %s have a risk', positions, risks)
FROM (
    SELECT
        (SELECT count(DISTINCT account_id) FROM lake.analytics.positions_landed
            WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN {{ published }}
                AND price_usd IS NOT NULL) AS positions,
        (SELECT count(*) FROM lake.risk.account_risk_landed
            WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id = '{{ attempt_id }}') AS risks
)
WHERE positions <> risks
UNION ALL
SELECT format('counterparty_exposures: the source has %s movements, landed are %s', source, landed)
FROM (
    SELECT
        (SELECT count(*) FROM bankteam_app.public.transactions
            WHERE posted_at < TIMESTAMP '{{ batch.cut_off }}' AND value_date > DATE '{{ batch.business_date }}'
                AND counterparty_bank IS NOT NULL) AS source,
        (SELECT coalesce(sum(movement_count), 0) FROM lake.risk.counterparty_exposures_landed
            WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id = '{{ attempt_id }}') AS landed
)
WHERE source <> landed;
