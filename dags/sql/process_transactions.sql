{%- from 'sql/movements.sql' import land, transaction_totals, transactions with context %}
{{ transaction_totals(params.transaction_type) }};

{{ land(transactions(params.transaction_type)) }};
