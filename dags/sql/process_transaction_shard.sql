{%- from 'sql/movements.sql' import transactions with context %}
CREATE TABLE {{ staging }} AS
{{ transactions(params.transaction_type, params.condition) }};
