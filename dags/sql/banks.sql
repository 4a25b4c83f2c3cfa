{#- Whether a transaction's counterparty bank is among those of get_banks; one without a bank is not. -#}
{%- macro is_listed() -%}
{%- set banks = ti.xcom_pull(task_ids='get_banks') -%}
coalesce({% if banks %}t.counterparty_bank IN ({% for bank in banks %}{{ ', ' if not loop.first }}'{{ bank[0] | replace("'", "''") }}'{% endfor %}){% else %}false{% endif %}, false)
{%- endmacro -%}
