{#- The cash effect of a trade on its account: rounded per trade, fees always against the account. -#}
{%- macro trade_effect(trade) -%}
CAST(
    (CASE {{ trade }}.side WHEN 'buy' THEN -1 ELSE 1 END
            * round_money({{ trade }}.quantity * {{ trade }}.price, {{ trade }}.currency)
        - {{ trade }}.fees)
        * IF({{ trade }}.reversal_of IS NULL, 1, -1)
    AS decimal(38, 2))
{%- endmacro -%}

{#- The business date in whose window an instant lies, before weekends are rolled forward to Monday. -#}
{%- macro posting_day(instant) -%}
CAST(CAST({{ instant }} AT TIME ZONE 'Europe/Berlin' AS timestamp(6)) + INTERVAL '6' HOUR AS date)
{%- endmacro -%}

{#- Whether a currency had no ECB rate by the business date of a posting; `first_rate` is its first rate's date. -#}
{%- macro rate_is_missing(first_rate, instant) -%}
({{ first_rate }} IS NULL
    OR {{ first_rate }} > date_add(
        'day',
        CASE day_of_week({{ posting_day(instant) }}) WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END,
        {{ posting_day(instant) }}))
{%- endmacro -%}

{#- Each currency's ECB rate that holds on a date: its newest up to then. -#}
{%- macro newest_rates(date) -%}
SELECT currency, max_by(rate, rate_date) AS rate
    FROM portfolio_ops_db.public.fx_rates
    WHERE rate_date <= DATE '{{ date }}'
    GROUP BY currency
{%- endmacro -%}
