{%- from 'sql/macros.sql' import rate_is_missing %}
{%- set movements = attempts('process_deposits', 'process_withdrawals', 'net_trades') %}
{%- set balances = attempts('compute_account_balances') %}
{%- set margin = attempts('compute_margin_reqs') %}
-- Positions have no currency of their own to sum in: they are counted under XXX (ISO 4217, "no currency").
INSERT INTO lake.control.control_totals
SELECT batch_key, step, attempt_id, run_id, side, currency, count(*), sum(amount), current_timestamp(6)
FROM (
    SELECT
        batch_key, step, attempt_id, run_id, 'rejected' AS side,
        IF(source = 'position', 'XXX', currency) AS currency, coalesce(amount, 0) AS amount
    FROM lake.banking.rejects_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }}, {{ margin }})
    UNION ALL
    SELECT batch_key, step, attempt_id, run_id, 'landed', currency, closing_balance
    FROM lake.analytics.account_balances_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ balances }})
)
GROUP BY batch_key, step, attempt_id, run_id, side, currency
UNION ALL
SELECT
    batch_key, step, attempt_id, run_id, 'landed', currency,
    sum(movement_count), sum(amount), current_timestamp(6)
FROM lake.banking.cash_position_offsets_landed
WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
GROUP BY batch_key, step, attempt_id, run_id, currency
UNION ALL
SELECT batch_key, step, attempt_id, run_id, 'landed', 'XXX', sum(position_count), 0, current_timestamp(6)
FROM lake.analytics.account_margin_reqs_landed
WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ margin }})
GROUP BY batch_key, step, attempt_id, run_id
UNION ALL
-- What balances have to add up to: the base batch's closings, openings of accounts new since, and all offsets.
SELECT
    '{{ batch.key }}', 'compute_account_balances', {{ balances }}, '', 'source', currency,
    count(DISTINCT account_id), sum(amount), current_timestamp(6)
FROM (
    SELECT account_id, currency, closing_balance AS amount
    FROM lake.analytics.account_balances_landed
    WHERE batch_key = '{{ batch.base_key }}' AND attempt_id = '{{ batch.base_attempt_id }}'
    UNION ALL
    SELECT account_id, base_currency, opening_balance
    FROM trading_db.public.account
    WHERE account_id NOT IN (
        SELECT account_id
        FROM lake.analytics.account_balances_landed
        WHERE batch_key = '{{ batch.base_key }}' AND attempt_id = '{{ batch.base_attempt_id }}')
    UNION ALL
    SELECT account_id, currency, amount
    FROM lake.banking.cash_position_offsets_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
)
GROUP BY currency
UNION ALL
SELECT
    '{{ batch.key }}', 'compute_margin_reqs', {{ margin }}, '', 'source', 'XXX',
    count(*), 0, current_timestamp(6)
FROM (
    SELECT t.account_id, t.isin
    FROM trading_db.public.trades t
    LEFT JOIN (
        SELECT currency, min(rate_date) AS rate_date FROM portfolio_ops_db.public.fx_rates GROUP BY currency
    ) r ON r.currency = t.currency
    WHERE t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
        AND t.account_id IN (SELECT account_id FROM trading_db.public.account)
        AND t.isin IN (SELECT isin FROM portfolio_ops_db.public.instruments)
        AND isin_is_valid(t.isin)
        AND NOT {{ rate_is_missing('r.rate_date', 't.posted_at') }}
    GROUP BY t.account_id, t.isin
    HAVING sum(IF((t.side = 'buy') = (t.reversal_of IS NULL), t.quantity, -t.quantity)) <> 0
);

SELECT format(
    '%s, %s: the source has %s rows, %s; landed are %s rows, %s, and rejected %s rows, %s '
        || '(difference %s rows, %s)',
    step, currency, source_count, source_amount, landed_count, landed_amount, rejected_count, rejected_amount,
    source_count - landed_count - rejected_count, source_amount - landed_amount - rejected_amount)
FROM lake.control.reconciliation
WHERE batch_key = '{{ batch.key }}' AND attempt_id IN ({{ movements }}, {{ balances }}, {{ margin }})
    AND (source_count <> landed_count + rejected_count OR source_amount <> landed_amount + rejected_amount)
UNION ALL
SELECT format('%s: attempt %s has landed %s keys more than once in %s', step, attempt_id, count(*), landed_table)
FROM (
    SELECT step, attempt_id, 'cash_position_offsets' AS landed_table
    FROM lake.banking.cash_position_offsets_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
    GROUP BY step, attempt_id, account_id, currency, offset_type, value_date, carried
    HAVING count(*) > 1
    UNION ALL
    SELECT step, attempt_id, 'rejects'
    FROM lake.banking.rejects_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }}, {{ margin }})
    GROUP BY step, attempt_id, source, source_id
    HAVING count(*) > 1
    UNION ALL
    SELECT step, attempt_id, 'account_balances'
    FROM lake.analytics.account_balances_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ balances }})
    GROUP BY step, attempt_id, account_id, currency
    HAVING count(*) > 1
    UNION ALL
    SELECT step, attempt_id, 'account_margin_reqs'
    FROM lake.analytics.account_margin_reqs_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ margin }})
    GROUP BY step, attempt_id, account_id
    HAVING count(*) > 1
)
GROUP BY step, attempt_id, landed_table
