{%- from 'sql/macros.sql' import rate_is_missing %}
{%- from 'sql/movements.sql' import in_no_shard with context %}
{%- set movements = attempts(*params.movements) %}
{%- set balances = attempts('compute_account_balances') %}
{%- set margin = attempts('compute_margin_reqs') %}
-- Positions have no currency of their own to sum in: they are counted under XXX (ISO 4217, "no currency").
INSERT INTO lake.control.control_totals
SELECT
    '{{ batch.key }}', step, shard, '{{ attempt_id }}', '{{ run_id }}', side, currency, row_count, amount,
    current_timestamp(6)
FROM (
    SELECT
        step, shard, IF(reason IS NULL, 'landed', 'rejected') AS side, currency,
        sum(movement_count) AS row_count, sum(amount) AS amount
    FROM lake.banking.movements_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT step, '', 'landed', currency, count(*), sum(closing_balance)
    FROM lake.analytics.account_balances_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ balances }})
    GROUP BY step, currency
    UNION ALL
    SELECT step, '', 'landed', 'XXX', sum(position_count), 0
    FROM lake.analytics.account_margin_reqs_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ margin }})
    GROUP BY step
    UNION ALL
    SELECT step, '', 'rejected', 'XXX', count(*), 0
    FROM lake.analytics.positions_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ margin }}) AND price_usd IS NULL
    GROUP BY step
    UNION ALL
    -- What balances have to add up to: the base batch's closings, openings of accounts new since, all offsets.
    SELECT 'compute_account_balances', '', 'source', currency, count(DISTINCT account_id), sum(amount)
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
        FROM lake.banking.movements_landed
        WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
            AND reason IS NULL
    )
    GROUP BY currency
    UNION ALL
    SELECT 'compute_margin_reqs', '', 'source', 'XXX', count(*), 0
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
            AND NOT ({{ in_no_shard('t.account_id', params.trading_prefixes) }})
        GROUP BY t.account_id, t.isin
        HAVING sum(IF((t.side = 'buy') = (t.reversal_of IS NULL), t.quantity, -t.quantity)) <> 0
    )
);

SELECT format(
    '%s%s, %s: the source has %s rows, %s; landed are %s rows, %s, and rejected %s rows, %s '
        || '(difference %s rows, %s)',
    step, IF(shard = '', '', ' shard ' || shard), currency,
    source_count, source_amount, landed_count, landed_amount, rejected_count, rejected_amount,
    source_count - landed_count - rejected_count, source_amount - landed_amount - rejected_amount)
FROM (
    SELECT
        step,
        shard,
        currency,
        coalesce(sum(row_count) FILTER (WHERE side = 'source'), 0) AS source_count,
        coalesce(sum(amount) FILTER (WHERE side = 'source'), 0) AS source_amount,
        coalesce(sum(row_count) FILTER (WHERE side = 'landed'), 0) AS landed_count,
        coalesce(sum(amount) FILTER (WHERE side = 'landed'), 0) AS landed_amount,
        coalesce(sum(row_count) FILTER (WHERE side = 'rejected'), 0) AS rejected_count,
        coalesce(sum(amount) FILTER (WHERE side = 'rejected'), 0) AS rejected_amount
    FROM lake.control.control_totals
    WHERE batch_key = '{{ batch.key }}' AND attempt_id IN ({{ attempts(*params.totals) }}, '{{ attempt_id }}')
    GROUP BY step, shard, currency
)
WHERE source_count <> landed_count + rejected_count OR source_amount <> landed_amount + rejected_amount
UNION ALL
SELECT format('%s: attempt %s has landed %s keys more than once in %s', step, attempt_id, count(*), landed_table)
FROM (
    SELECT step, attempt_id, 'movements' AS landed_table
    FROM lake.banking.movements_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ movements }})
    GROUP BY step, attempt_id, shard, source, account_id, currency, offset_type, value_date, carried, reason, source_id
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
    UNION ALL
    SELECT step, attempt_id, 'positions'
    FROM lake.analytics.positions_landed
    WHERE business_date = DATE '{{ batch.business_date }}' AND attempt_id IN ({{ margin }})
    GROUP BY step, attempt_id, account_id, isin
    HAVING count(*) > 1
)
GROUP BY step, attempt_id, landed_table
