{#- The first business date that would come out otherwise today, and all published ones after it, which carry its
    balances. A reject counts whose reason no longer holds; a batch, whose base was published again with others. -#}
{%- from 'sql/movements.sql' import trade_reason, trades_with_terms, transaction_reason, transactions_with_terms
    with context %}
WITH published AS (
    SELECT batch_key, business_date, run_id, step, attempt_id
    FROM lake.control.published_attempts
    WHERE job = 'portfolio_ops'
),
rejects AS (
    SELECT l.business_date, l.source, CAST(l.source_id AS bigint) AS source_id, l.reason
    FROM lake.banking.movements_landed l
    JOIN published p
        ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id
    WHERE l.reason IS NOT NULL
),
balances AS (
    SELECT
        p.batch_key,
        l.attempt_id,
        checksum(ROW(l.account_id, l.currency, l.closing_balance)) AS balances
    FROM lake.analytics.account_balances_landed l
    JOIN published p ON p.business_date = l.business_date AND p.batch_key = l.batch_key
    WHERE p.step = 'compute_account_balances'
    GROUP BY p.batch_key, l.attempt_id
),
outdated AS (
    SELECT x.business_date
    FROM rejects x
    JOIN ({{ transactions_with_terms() }})
        ON t.transaction_id = x.source_id
    WHERE x.source = 'transactions' AND {{ transaction_reason() }} IS DISTINCT FROM x.reason
    UNION ALL
    SELECT x.business_date
    FROM rejects x
    JOIN ({{ trades_with_terms() }})
        ON t.trade_id = x.source_id
    WHERE x.source = 'trades' AND {{ trade_reason() }} IS DISTINCT FROM x.reason
    UNION ALL
    SELECT l.business_date
    FROM lake.analytics.positions_landed l
    JOIN published p
        ON p.business_date = l.business_date AND p.batch_key = l.batch_key AND p.attempt_id = l.attempt_id
    JOIN portfolio_ops_db.public.prices c ON c.isin = l.isin AND c.price_date <= l.business_date
    JOIN portfolio_ops_db.public.fx_rates r ON r.currency = l.currency AND r.rate_date <= l.business_date
    WHERE l.price_usd IS NULL
    UNION ALL
    SELECT p.business_date
    FROM published p
    JOIN lake.control.batches b ON b.batch_key = p.batch_key AND b.run_id = p.run_id
    JOIN published newest ON newest.batch_key = b.base_key AND newest.step = p.step
    JOIN balances used ON used.batch_key = b.base_key AND used.attempt_id = b.base_attempt_id
    JOIN balances now ON now.batch_key = b.base_key AND now.attempt_id = newest.attempt_id
    WHERE p.step = 'compute_account_balances' AND used.balances <> now.balances
)
SELECT DISTINCT CAST(business_date AS varchar) AS business_date
FROM published
WHERE business_date >= (SELECT min(business_date) FROM outdated)
ORDER BY 1
