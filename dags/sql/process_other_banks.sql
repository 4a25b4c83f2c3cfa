{%- from 'sql/movements.sql' import land, transactions with context %}
{%- from 'sql/banks.sql' import is_listed with context %}
{{ land(transactions(params.transaction_type, 'NOT ' ~ is_listed())) }};
