{#- Rows of attempts that were never published, once their run is long over. What was ever published stays: a
    restated day's former rows are its history. -#}
{%- for table in ti.xcom_pull(task_ids='find_tables') if table.endswith('_landed') or table == 'lake.control.control_totals' %}
DELETE FROM {{ table }}
WHERE attempt_id NOT IN (
        SELECT attempt.attempt_id
        FROM lake.control.published_batches
        CROSS JOIN UNNEST(attempts) AS attempt (step, attempt_id))
    AND run_id IN (
        SELECT run_id
        FROM lake.control.batches
        GROUP BY run_id
        HAVING max(opened_at) < current_timestamp - INTERVAL '{{ params.retention_days }}' DAY);

{%- endfor %}
