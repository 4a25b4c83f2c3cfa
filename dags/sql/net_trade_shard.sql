{%- from 'sql/movements.sql' import trades with context %}
CREATE TABLE {{ staging }} AS
{{ trades(params.condition) }};
