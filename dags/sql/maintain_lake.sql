{#- The published tables' files: small ones joined, old snapshots and files of dead commits removed. -#}
{%- set retention = params.snapshot_retention_days ~ 'd' %}
{%- for table in ti.xcom_pull(task_ids='find_tables') %}
ALTER TABLE {{ table }} EXECUTE optimize(file_size_threshold => '32MB');

ALTER TABLE {{ table }} EXECUTE expire_snapshots(retention_threshold => '{{ retention }}');

ALTER TABLE {{ table }} EXECUTE remove_orphan_files(retention_threshold => '{{ retention }}');

{%- endfor %}
