{%- from 'sql/movements.sql' import land, trade_totals, trades with context %}
{{ trade_totals() }};

{{ land(trades()) }};
