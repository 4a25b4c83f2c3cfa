"""What a bank's Airflow DAGs share: the business day, SQL on Trino, exactly-once landing, alerts.

The modules are imported by name (``from nostro.airflow.landing import OpenBatchOperator``); nothing here
connects to anything when it is imported.
"""
