{%- from 'sql/macros.sql' import newest_rates %}
INSERT INTO lake.analytics.account_balances_landed
WITH accounts AS (
    SELECT account_id, base_currency, opening_balance
    FROM trading_db.public.account
),
base AS (
    SELECT account_id, currency, closing_balance
    FROM lake.analytics.account_balances_landed
    WHERE batch_key = '{{ batch.base_key }}' AND attempt_id = '{{ batch.base_attempt_id }}'
),
entries AS (
    SELECT account_id, currency, 'opening' AS entry_type, closing_balance AS amount
    FROM base
    UNION ALL
    SELECT a.account_id, a.base_currency, 'opening', a.opening_balance
    FROM accounts a
    LEFT JOIN base b ON b.account_id = a.account_id AND b.currency = a.base_currency
    WHERE b.account_id IS NULL
    UNION ALL
    SELECT account_id, currency, IF(carried, 'opening', offset_type), amount
    FROM lake.banking.movements_landed
    WHERE business_date = DATE '{{ batch.business_date }}'
        AND attempt_id IN ({{ attempts(*params.movements) }})
        AND reason IS NULL
),
balances AS (
    SELECT
        account_id,
        currency,
        coalesce(sum(amount) FILTER (WHERE entry_type = 'opening'), 0) AS opening_balance,
        coalesce(sum(amount) FILTER (WHERE entry_type = 'deposit'), 0) AS deposits,
        coalesce(sum(amount) FILTER (WHERE entry_type = 'withdrawal'), 0) AS withdrawals,
        coalesce(sum(amount) FILTER (WHERE entry_type = 'trade'), 0) AS trades,
        sum(amount) AS closing_balance
    FROM entries
    GROUP BY account_id, currency
),
rates AS (
    {{ newest_rates(batch.business_date) }}
)
SELECT
    {{ stamp }},
    DATE '{{ batch.business_date }}',
    b.account_id,
    b.currency,
    b.opening_balance,
    b.deposits,
    b.withdrawals,
    b.trades,
    b.closing_balance,
    a.base_currency,
    fx_convert(b.closing_balance, r.rate, base_rate.rate, a.base_currency),
    accrued_interest(
        b.closing_balance,
        CASE WHEN b.closing_balance < 0 THEN DOUBLE '{{ params.debit_rate }}' ELSE DOUBLE '{{ params.credit_rate }}' END,
        DATE '{{ batch.business_date }}',
        add_business_days(DATE '{{ batch.business_date }}', 1, 'EUTA'),
        CASE WHEN b.currency = 'GBP' THEN 'Act/365F' ELSE 'Act/360' END)
FROM balances b
JOIN accounts a ON a.account_id = b.account_id
JOIN rates r ON r.currency = b.currency
JOIN rates base_rate ON base_rate.currency = a.base_currency;
