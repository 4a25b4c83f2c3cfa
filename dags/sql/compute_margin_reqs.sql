{%- from 'sql/macros.sql' import newest_rates, rate_is_missing %}
{%- from 'sql/movements.sql' import in_no_shard with context %}
-- Margin is on cumulative positions: all valid trades posted before the cut-off, not the day's own.
CREATE TABLE {{ staging }} AS
WITH first_rates AS (
    SELECT currency, min(rate_date) AS rate_date
    FROM portfolio_ops_db.public.fx_rates
    GROUP BY currency
),
positions AS (
    SELECT
        t.account_id,
        t.isin,
        i.currency,
        CAST(sum(IF((t.side = 'buy') = (t.reversal_of IS NULL), t.quantity, -t.quantity)) AS decimal(22, 4))
            AS quantity
    FROM trading_db.public.trades t
    JOIN trading_db.public.account a ON a.account_id = t.account_id
    JOIN portfolio_ops_db.public.instruments i ON i.isin = t.isin
    JOIN first_rates r ON r.currency = t.currency
    WHERE t.posted_at < TIMESTAMP '{{ batch.cut_off }}'
        AND isin_is_valid(t.isin)
        AND NOT {{ rate_is_missing('r.rate_date', 't.posted_at') }}
        AND NOT ({{ in_no_shard('t.account_id', params.trading_prefixes) }})
    GROUP BY t.account_id, t.isin, i.currency
    HAVING sum(IF((t.side = 'buy') = (t.reversal_of IS NULL), t.quantity, -t.quantity)) <> 0
),
closes AS (
    SELECT isin, max_by(close, price_date) AS close
    FROM portfolio_ops_db.public.prices
    WHERE price_date <= DATE '{{ batch.business_date }}'
    GROUP BY isin
),
rates AS (
    {{ newest_rates(batch.business_date) }}
),
-- Whole millionths: the one division then rounds half up at the sixth decimal, and nothing is rounded twice.
prices AS (
    SELECT
        i.isin,
        CAST(
            CAST(c.close * 1000000 AS decimal(18, 0)) * CAST(usd.rate * 1000000 AS decimal(18, 0))
                / CAST(r.rate * 1000000 AS decimal(18, 0))
            * DECIMAL '0.000001' AS decimal(16, 6)) AS price_usd
    FROM portfolio_ops_db.public.instruments i
    JOIN closes c ON c.isin = i.isin
    JOIN rates r ON r.currency = i.currency
    JOIN rates usd ON usd.currency = 'USD'
)
SELECT
    q.account_id,
    q.isin,
    q.currency,
    q.quantity,
    p.price_usd,
    CAST(round(q.quantity * p.price_usd, 2) AS decimal(38, 2)) AS market_value_usd
FROM positions q
LEFT JOIN prices p ON p.isin = q.isin;

INSERT INTO lake.analytics.account_margin_reqs_landed
WITH accounts AS (
    SELECT a.account_id, a.base_currency, b.cash_balance_base
    FROM trading_db.public.account a
    JOIN (
        SELECT account_id, sum(closing_balance_base) AS cash_balance_base
        FROM lake.analytics.account_balances_landed
        WHERE business_date = DATE '{{ batch.business_date }}'
            AND attempt_id IN ({{ attempts('compute_account_balances') }})
        GROUP BY account_id
    ) b ON b.account_id = a.account_id
),
rates AS (
    {{ newest_rates(batch.business_date) }}
),
requirements AS (
    SELECT
        account_id,
        count(price_usd) AS position_count,
        coalesce(sum(market_value_usd) FILTER (WHERE quantity > 0), 0) AS long_market_value_usd,
        coalesce(-sum(market_value_usd) FILTER (WHERE quantity < 0), 0) AS short_market_value_usd,
        coalesce(sum(margin_requirement(
            quantity, price_usd,
            DOUBLE '{{ params.initial_rate }}', DOUBLE '{{ params.initial_rate }}',
            DECIMAL '0', DECIMAL '0', DOUBLE '0', DECIMAL '0')), 0)
            AS initial_requirement_usd,
        coalesce(sum(margin_requirement(
            quantity, price_usd,
            DOUBLE '{{ params.maintenance_long_rate }}', DOUBLE '{{ params.maintenance_short_rate }}',
            DECIMAL '{{ params.maintenance_short_minimum }}', DECIMAL '{{ params.low_price }}',
            DOUBLE '{{ params.low_price_rate }}', DECIMAL '{{ params.low_price_minimum }}')), 0)
            AS maintenance_requirement_usd
    FROM {{ staging }}
    GROUP BY account_id
),
converted AS (
    SELECT
        q.*,
        a.cash_balance_base,
        fx_convert(q.initial_requirement_usd, usd.rate, base_rate.rate, a.base_currency) AS requirement_base,
        fx_convert(
            q.long_market_value_usd - q.short_market_value_usd, usd.rate, base_rate.rate, a.base_currency)
            AS market_value_base
    FROM requirements q
    JOIN accounts a ON a.account_id = q.account_id
    JOIN rates usd ON usd.currency = 'USD'
    JOIN rates base_rate ON base_rate.currency = a.base_currency
)
SELECT
    {{ stamp }},
    DATE '{{ batch.business_date }}',
    account_id,
    position_count,
    long_market_value_usd,
    short_market_value_usd,
    initial_requirement_usd,
    maintenance_requirement_usd,
    requirement_base,
    cash_balance_base,
    cash_balance_base + market_value_base - requirement_base,
    cash_balance_base + market_value_base - requirement_base < 0
FROM converted;

INSERT INTO lake.analytics.positions_landed
SELECT
    {{ stamp }}, DATE '{{ batch.business_date }}',
    account_id, isin, currency, quantity, price_usd, market_value_usd
FROM {{ staging }};
