{%- from 'sql/macros.sql' import rate_is_missing %}
-- The control totals are PostgreSQL's own: no join or filter below can hide a lost row.
INSERT INTO lake.control.control_totals
SELECT {{ stamp }}, 'source', currency, row_count, amount, current_timestamp(6)
FROM TABLE(bankteam_app.system.query(query => '
    SELECT
        currency,
        count(*) AS row_count,
        CAST(sum({{ params.sign }} * CASE WHEN reversal_of IS NULL THEN amount ELSE -amount END) AS numeric(38, 2))
            AS amount
    FROM public.transactions
    WHERE transaction_type = ''{{ params.transaction_type }}''
        AND posted_at >= TIMESTAMPTZ ''{{ batch.since }}'' AND posted_at < TIMESTAMPTZ ''{{ batch.cut_off }}''
    GROUP BY currency'));

-- The source is read once: what lands and what is rejected come from the same rows.
CREATE TABLE {{ staging }} AS
WITH mapped_accounts AS (
    SELECT m.bank_account, m.account_id
    FROM mappingdb.public.account_mapping m
    JOIN trading_db.public.account a ON a.account_id = m.account_id
),
first_rates AS (
    SELECT currency, min(rate_date) AS rate_date
    FROM portfolio_ops_db.public.fx_rates
    GROUP BY currency
),
classified AS (
    SELECT
        t.transaction_id,
        t.bank_account,
        m.account_id,
        t.currency,
        t.value_date,
        t.posted_at,
        t.posted_at < TIMESTAMP '{{ batch.day_start }}' AS carried,
        {{ params.sign }} * IF(t.reversal_of IS NULL, 1, -1) * round_money(t.amount, t.currency) AS amount,
        -- A transaction over the counter has no IBAN, and that is valid.
        CASE
            WHEN NOT iban_is_valid(t.counterparty_iban) THEN 'invalid IBAN'
            WHEN m.account_id IS NULL THEN 'unmapped account'
            WHEN {{ rate_is_missing('r.rate_date', 't.posted_at') }} THEN 'missing rate'
        END AS reason
    FROM bankteam_app.public.transactions t
    LEFT JOIN mapped_accounts m ON m.bank_account = t.bank_account
    LEFT JOIN first_rates r ON r.currency = t.currency
    WHERE t.transaction_type = '{{ params.transaction_type }}'
        AND t.posted_at >= TIMESTAMP '{{ batch.since }}' AND t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
)
SELECT
    IF(reason IS NULL, account_id) AS account_id,
    currency,
    IF(reason IS NULL AND NOT carried, value_date) AS value_date,
    carried,
    reason,
    IF(reason IS NOT NULL, transaction_id) AS transaction_id,
    IF(reason IS NOT NULL, bank_account) AS bank_account,
    IF(reason IS NOT NULL, posted_at) AS posted_at,
    count(*) AS movement_count,
    CAST(sum(amount) AS decimal(38, 2)) AS amount
FROM classified
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

INSERT INTO lake.banking.cash_position_offsets_landed
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}', carried,
    account_id, currency, '{{ params.transaction_type }}', value_date, amount, movement_count
FROM {{ staging }}
WHERE reason IS NULL;

INSERT INTO lake.banking.rejects_landed
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}', carried,
    'transactions', CAST(transaction_id AS varchar), bank_account, currency, amount, reason, posted_at
FROM {{ staging }}
WHERE reason IS NOT NULL;
