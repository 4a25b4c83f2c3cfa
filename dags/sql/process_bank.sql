{%- from 'sql/movements.sql' import land, transactions with context %}
{{ land(transactions(params.transaction_type, 't.counterparty_bank = ?')) }};
