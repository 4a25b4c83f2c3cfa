"""Airflow's home for operators that run in the tests' process; import it before anything of Airflow.

Airflow reads its configuration when it is first imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

AIRFLOW_HOME = tempfile.mkdtemp(prefix="nostro-airflow-tests-")
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = AIRFLOW_HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["NOSTRO_RETRY_DELAY_SECONDS"] = "1"
