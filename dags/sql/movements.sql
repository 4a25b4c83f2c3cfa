{#- The movements of one kind: macros that every shape of the pipeline uses, whole or by shards. Imported with context. -#}
{%- from 'sql/macros.sql' import rate_is_missing, trade_effect -%}

{#- The sign of a transaction type's effect on the balance. -#}
{%- macro sign(type) -%}
{{ 1 if type == 'deposit' else -1 }}
{%- endmacro -%}

{#- Control totals of the transactions of a type, by PostgreSQL itself: no join or filter can hide a lost row.
    `shard` is PostgreSQL's expression for a row's shard. -#}
{%- macro transaction_totals(type, shard="''") -%}
INSERT INTO lake.control.control_totals
SELECT '{{ batch.key }}', '{{ 'process_' ~ type ~ 's' }}', shard, '{{ attempt_id }}', '{{ run_id }}',
    'source', currency, row_count, amount, current_timestamp(6)
FROM TABLE(bankteam_app.system.query(query => '
    SELECT
        CAST({{ shard | replace("'", "''") }} AS varchar) AS shard,
        currency,
        count(*) AS row_count,
        CAST(sum({{ sign(type) }} * CASE WHEN reversal_of IS NULL THEN amount ELSE -amount END) AS numeric(38, 2))
            AS amount
    FROM public.transactions t
    WHERE transaction_type = ''{{ type }}''
        AND posted_at >= TIMESTAMPTZ ''{{ batch.since }}'' AND posted_at < TIMESTAMPTZ ''{{ batch.cut_off }}''
    GROUP BY 1, 2'))
{%- endmacro -%}

{#- Why a transaction `t` is not processed, NULL if it is; over `transactions_with_terms`. One over the counter has no
    IBAN, and that is valid. -#}
{%- macro transaction_reason() -%}
CASE
            WHEN NOT iban_is_valid(t.counterparty_iban) THEN 'invalid IBAN'
            WHEN m.account_id IS NULL THEN 'unmapped account'
            WHEN {{ rate_is_missing('r.rate_date', 't.posted_at') }} THEN 'missing rate'
            WHEN {{ in_no_shard('t.bank_account', params.account_groups) }} THEN 'account in no shard'
        END
{%- endmacro -%}

{#- The transactions `t`, each with its account `m` and the first rate's date of its currency `r`, if there are any. -#}
{%- macro transactions_with_terms() -%}
bankteam_app.public.transactions t
    LEFT JOIN (
        SELECT m.bank_account, m.account_id
        FROM mappingdb.public.account_mapping m
        JOIN trading_db.public.account a ON a.account_id = m.account_id
    ) m ON m.bank_account = t.bank_account
    LEFT JOIN (
        SELECT currency, min(rate_date) AS rate_date FROM portfolio_ops_db.public.fx_rates GROUP BY currency
    ) r ON r.currency = t.currency
{%- endmacro -%}

{#- The transactions of a type, classified and netted: one row per account, currency and value date, and one per
    reject. The source is read once, so that what lands and what is rejected come from the same rows.
    `condition` is of the shard, on the transactions `t`. -#}
{%- macro transactions(type, condition='true') -%}
SELECT
    DATE '{{ batch.business_date }}' AS business_date,
    carried,
    'transactions' AS source,
    '{{ type }}' AS offset_type,
    IF(reason IS NULL, account_id) AS account_id,
    currency,
    IF(reason IS NULL AND NOT carried, value_date) AS value_date,
    reason,
    IF(reason IS NOT NULL, CAST(transaction_id AS varchar)) AS source_id,
    IF(reason IS NOT NULL, bank_account) AS account,
    IF(reason IS NOT NULL, posted_at) AS posted_at,
    count(*) AS movement_count,
    CAST(sum(amount) AS decimal(38, 2)) AS amount
FROM (
    SELECT
        t.transaction_id,
        t.bank_account,
        m.account_id,
        t.currency,
        t.value_date,
        t.posted_at,
        t.posted_at < TIMESTAMP '{{ batch.day_start }}' AS carried,
        {{ sign(type) }} * IF(t.reversal_of IS NULL, 1, -1) * round_money(t.amount, t.currency) AS amount,
        {{ transaction_reason() }} AS reason
    FROM {{ transactions_with_terms() }}
    WHERE t.transaction_type = '{{ type }}'
        AND t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
        AND {{ condition }}
)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
{%- endmacro -%}

{#- Control totals of the trades, read from the ledger alone. `shard` is an expression on the trades `t`. -#}
{%- macro trade_totals(shard="''") -%}
INSERT INTO lake.control.control_totals
SELECT '{{ batch.key }}', 'net_trades', {{ shard }}, '{{ attempt_id }}', '{{ run_id }}',
    'source', t.currency, count(*), sum({{ trade_effect('t') }}), current_timestamp(6)
FROM trading_db.public.trades t
WHERE t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
GROUP BY {{ shard }}, t.currency
{%- endmacro -%}

{#- Why a trade `t` is not processed, NULL if it is; over `trades_with_terms`. -#}
{%- macro trade_reason() -%}
CASE
            WHEN a.account_id IS NULL THEN 'unknown account'
            WHEN NOT coalesce(isin_is_valid(t.isin), false) THEN 'invalid ISIN'
            WHEN i.isin IS NULL THEN 'unknown instrument'
            WHEN {{ rate_is_missing('r.rate_date', 't.posted_at') }} THEN 'missing rate'
            WHEN {{ in_no_shard('t.account_id', params.trading_prefixes) }} THEN 'account in no shard'
        END
{%- endmacro -%}

{#- The trades `t`, each with its account `a`, instrument `i` and first rate's date `r`, if there are any. -#}
{%- macro trades_with_terms() -%}
trading_db.public.trades t
    LEFT JOIN trading_db.public.account a ON a.account_id = t.account_id
    LEFT JOIN portfolio_ops_db.public.instruments i ON i.isin = t.isin
    LEFT JOIN (
        SELECT currency, min(rate_date) AS rate_date FROM portfolio_ops_db.public.fx_rates GROUP BY currency
    ) r ON r.currency = t.currency
{%- endmacro -%}

{#- The trades, classified and netted as the transactions are; `condition` is on the trades `t`. -#}
{%- macro trades(condition='true') -%}
SELECT
    DATE '{{ batch.business_date }}' AS business_date,
    carried,
    'trades' AS source,
    'trade' AS offset_type,
    IF(reason IS NULL, account_id) AS account_id,
    currency,
    IF(reason IS NULL AND NOT carried, value_date) AS value_date,
    reason,
    IF(reason IS NOT NULL, CAST(trade_id AS varchar)) AS source_id,
    IF(reason IS NOT NULL, account_id) AS account,
    IF(reason IS NOT NULL, posted_at) AS posted_at,
    count(*) AS movement_count,
    CAST(sum(amount) AS decimal(38, 2)) AS amount
FROM (
    SELECT
        t.trade_id,
        t.account_id,
        t.currency,
        t.posted_at,
        t.posted_at < TIMESTAMP '{{ batch.day_start }}' AS carried,
        {{ trade_effect('t') }} AS amount,
        add_business_days(
            CAST(t.traded_at AT TIME ZONE 'Europe/Berlin' AS date), i.settlement_days, i.calendar) AS value_date,
        {{ trade_reason() }} AS reason
    FROM {{ trades_with_terms() }}
    WHERE t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
        AND {{ condition }}
)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
{%- endmacro -%}

{#- Land a relation of movements. -#}
{%- macro land(relation) -%}
INSERT INTO lake.banking.movements_landed
SELECT {{ stamp }}, {{ shard }}, m.*
FROM (
{{ relation }}
) m
{%- endmacro -%}

{%- macro in_no_shard(column, prefixes) -%}
NOT ({% for prefix in prefixes %}{{ ' OR ' if not loop.first }}{{ column }} LIKE '{{ prefix }}%'{% endfor %})
{%- endmacro -%}
