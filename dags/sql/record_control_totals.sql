{%- from 'sql/movements.sql' import transaction_totals with context %}
{%- from 'sql/banks.sql' import is_listed with context %}
{%- set bank = "CASE WHEN " ~ is_listed() ~ " THEN t.counterparty_bank ELSE 'other' END" %}
{{ transaction_totals('deposit', bank) }};

{{ transaction_totals('withdrawal', bank) }};
