{%- from 'sql/movements.sql' import trade_totals, transaction_totals with context %}
-- The sources' totals by shard: what is in no shard, or in two, shows as a difference.
{{ transaction_totals('deposit', params.account_shard) }};

{{ transaction_totals('withdrawal', params.account_shard) }};

{{ trade_totals(params.trading_shard) }};

INSERT INTO lake.banking.movements_landed
{%- for one in landed(*params.shards) %}
SELECT '{{ batch.key }}', '{{ one.step }}', '{{ attempt_id }}', '{{ run_id }}', '{{ one.shard }}', m.*
FROM {{ one.staging }} m
{{- ' UNION ALL' if not loop.last }}
{%- endfor %};
