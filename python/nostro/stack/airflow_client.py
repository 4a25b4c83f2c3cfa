"""A small client of Airflow's REST API: trigger a DAG run and watch it."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.25
_PAGE = 100
_FINAL_RUN_STATES = frozenset({"success", "failed"})


class AirflowError(Exception):
    """Airflow refused a request, or something did not happen in time."""


@dataclass(frozen=True)
class DagRun:
    """A run of a DAG; `state` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    conf: Mapping[str, Any]

    @property
    def is_finished(self) -> bool:
        """Tell whether the run has ended, well or not."""
        return self.state in _FINAL_RUN_STATES


@dataclass(frozen=True)
class TaskInstance:
    """A try of a task of a run; `state` is None before it is scheduled, `map_index` -1 unless it is mapped.

    `instance_id` is the try's own, which Airflow tells of the newest only; `map_name` is what a mapped task
    calls this one of its instances.
    """

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    started_at: datetime | None
    ended_at: datetime | None
    instance_id: str = ""
    map_name: str | None = None

    def made(self, attempt_id: str) -> bool:
        """Tell whether an attempt of `nostro.airflow.landing` is an execution of this try."""
        return bool(self.instance_id) and attempt_id.startswith(f"{self.instance_id}-")

    @property
    def seconds(self) -> float | None:
        """How long the last try took; None before it ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class AirflowClient:
    """A client that logs in with user and password, and again when its token has expired."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._address = address.rstrip("/")
        self._user = user
        self._password = password
        self._session = requests.Session()

    def wait_until_parsed(self, dag_id: str, timeout: float = 120.0) -> None:
        """Wait until Airflow knows the DAG. Raises AirflowError, with the import errors if there are any."""
        deadline = time.monotonic() + timeout
        while True:
            response = self._request("GET", f"/api/v2/dags/{quote(dag_id, safe='')}", accept=(200, 404))
            if response.status_code == 200 and not response.json().get("is_stale"):
                return
            if time.monotonic() > deadline:
                errors = "; ".join(self.import_errors()) or "no import errors"
                raise AirflowError(f"DAG {dag_id} is not known after {timeout:.0f} s ({errors})")
            time.sleep(_POLL_SECONDS)

    def import_errors(self) -> list[str]:
        """Return the last line of each DAG file's import error, with the file's name."""
        found = self._request("GET", "/api/v2/importErrors").json()["import_errors"]
        return [f"{it['filename']}: {it['stack_trace'].strip().splitlines()[-1]}" for it in found]

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._set_paused(dag_id, False)

    def unpause_all(self) -> None:
        """Let the scheduler run every DAG that Airflow knows."""
        self._request("PATCH", "/api/v2/dags?dag_id_pattern=~", {"is_paused": False})

    def is_paused(self, dag_id: str) -> bool:
        """Tell whether the scheduler leaves the DAG alone."""
        return bool(self._request("GET", f"/api/v2/dags/{quote(dag_id, safe='')}").json()["is_paused"])

    def pause(self, dag_id: str) -> None:
        """Keep the scheduler from running the DAG; its queued runs wait."""
        self._set_paused(dag_id, True)

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        logical_date: datetime | None = None,
        data_interval: tuple[datetime, datetime] | None = None,
    ) -> DagRun:
        """Queue a run of the DAG and return it. It starts only if the DAG is not paused."""
        body: dict[str, Any] = {
            "conf": dict(conf or {}),
            "logical_date": None if logical_date is None else logical_date.isoformat(),
        }
        if run_id is not None:
            body["dag_run_id"] = run_id
        if data_interval is not None:
            body["data_interval_start"], body["data_interval_end"] = (it.isoformat() for it in data_interval)
        response = self._request(
            "POST", f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns", body, accept=(200, 201)
        )
        return _dag_run(response.json())

    def run(self, dag_id: str, run_id: str) -> DagRun:
        """Return a run as it is now."""
        return _dag_run(self._request("GET", _run_path(dag_id, run_id)).json())

    def runs(self, dag_id: str) -> list[DagRun]:
        """Return the DAG's newest runs, at most 100."""
        path = f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns?limit=100&order_by=-run_after"
        return [_dag_run(it) for it in self._request("GET", path).json()["dag_runs"]]

    def find_runs(self, run_id: str) -> list[DagRun]:
        """Return the runs of any DAG that have this id."""
        path = f"/api/v2/dags/~/dagRuns?limit={_PAGE}&run_id_pattern={quote(run_id, safe='')}"
        found = [_dag_run(it) for it in self._request("GET", path).json()["dag_runs"]]
        return [run for run in found if run.run_id == run_id]

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Return the newest try of each task of a run as it is now, in the order of their start."""
        found: list[TaskInstance] = []
        while True:
            path = f"{_run_path(dag_id, run_id)}/taskInstances?limit={_PAGE}&offset={len(found)}"
            page = self._request("GET", path).json()
            found.extend(_task_instance(it) for it in page["task_instances"])
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return sorted(found, key=_start)

    def tries(self, dag_id: str, run_id: str, task: TaskInstance) -> list[TaskInstance]:
        """Return every try of a task of a run, the first one first; of the newest alone with its id."""
        mapped = f"/{task.map_index}" if task.map_index >= 0 else ""
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{quote(task.task_id, safe='')}{mapped}/tries"
        found = [_task_instance(it) for it in self._request("GET", path).json()["task_instances"]]
        newest = [
            replace(one, instance_id=task.instance_id) if one.try_number == task.try_number else one
            for one in found
        ]
        return sorted(newest, key=lambda one: one.try_number)

    def returned(self, dag_id: str, run_id: str, task: TaskInstance) -> Any:
        """Return what a task has returned, its XCom `return_value`; None when it has none."""
        path = (
            f"{_run_path(dag_id, run_id)}/taskInstances/{quote(task.task_id, safe='')}"
            f"/xcomEntries/return_value?map_index={task.map_index}&deserialize=true"
        )
        response = self._request("GET", path, accept=(200, 404))
        return response.json()["value"] if response.status_code == 200 else None

    def wait(
        self,
        dag_id: str,
        run_id: str,
        *,
        timeout: float = 600.0,
        watch: Callable[[list[TaskInstance]], None] | None = None,
    ) -> DagRun:
        """Wait until a run has ended and return it; `watch` is called with its tasks on each look.

        Raises AirflowError when it has not ended in `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            run = self.run(dag_id, run_id)
            if watch is not None:
                watch(self.task_instances(dag_id, run_id))
            if run.is_finished:
                return run
            if time.monotonic() > deadline:
                raise AirflowError(f"run {run_id} of {dag_id} is {run.state} after {timeout:.0f} s")
            time.sleep(_POLL_SECONDS)

    def clear(self, dag_id: str, run_id: str, *, only_failed: bool = False) -> None:
        """Have every task of a run run again, or those that failed with what comes after them."""
        body = {"dry_run": False, "only_failed": only_failed}
        self._request("POST", f"{_run_path(dag_id, run_id)}/clear", body)

    def backfill(
        self,
        dag_id: str,
        first: datetime,
        last: datetime,
        *,
        newest_first: bool = False,
        max_active_runs: int = 2,
    ) -> int:
        """Run the DAG for its intervals that begin from `first` to `last`; return the backfill's id."""
        body = {
            "dag_id": dag_id,
            "from_date": first.isoformat(),
            "to_date": last.isoformat(),
            "run_backwards": newest_first,
            "max_active_runs": max_active_runs,
        }
        return int(self._request("POST", "/api/v2/backfills", body).json()["id"])

    def backfill_is_completed(self, backfill_id: int) -> bool:
        """Tell whether all runs of a backfill have ended."""
        response = self._request("GET", f"/api/v2/backfills/{backfill_id}")
        return response.json()["completed_at"] is not None

    def set_run_state(self, dag_id: str, run_id: str, state: str) -> None:
        """Set a run's state: `failed` ends its running tasks."""
        self._request("PATCH", _run_path(dag_id, run_id), {"state": state})

    def task_log(
        self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1
    ) -> list[str]:
        """Return the log lines of one try of a task; a failure's line ends with its exceptions."""
        path = (
            f"{_run_path(dag_id, run_id)}/taskInstances/{quote(task_id, safe='')}/logs/{try_number}"
            f"?full_content=true&map_index={map_index}"
        )
        content = self._request("GET", path).json()["content"]
        return [_log_line(it) for it in content]

    def _set_paused(self, dag_id: str, is_paused: bool) -> None:
        self._request("PATCH", f"/api/v2/dags/{quote(dag_id, safe='')}", {"is_paused": is_paused})

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        accept: tuple[int, ...] = (200, 201, 204),
    ) -> requests.Response:
        response = self._send(method, path, body)
        if response.status_code == 401:
            self._log_in()
            response = self._send(method, path, body)
        if response.status_code not in accept:
            raise AirflowError(
                f"Airflow answered {response.status_code} to {method} {path}: {_detail(response)}"
            )
        return response

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> requests.Response:
        try:
            return self._session.request(method, self._address + path, json=body, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise AirflowError(
                f"Airflow at {self._address} does not answer: {type(error).__name__}"
            ) from error

    def _log_in(self) -> None:
        response = self._send("POST", "/auth/token", {"username": self._user, "password": self._password})
        if response.status_code not in (200, 201):
            raise AirflowError(f"Airflow refused the login of {self._user}: {response.status_code}")
        self._session.headers["Authorization"] = f"Bearer {response.json()['access_token']}"


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}"


def _log_line(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    causes = [f"{it['exc_type']}: {it['exc_value']}" for it in entry.get("error_detail") or ()]
    return "; ".join([str(entry.get("event", entry)), *causes])


def _dag_run(value: Mapping[str, Any]) -> DagRun:
    return DagRun(
        dag_id=value["dag_id"],
        run_id=value["dag_run_id"],
        state=value["state"],
        queued_at=_time(value.get("queued_at")),
        started_at=_time(value.get("start_date")),
        ended_at=_time(value.get("end_date")),
        conf=value.get("conf") or {},
    )


def _task_instance(value: Mapping[str, Any]) -> TaskInstance:
    return TaskInstance(
        task_id=value["task_id"],
        map_index=value["map_index"],
        state=value["state"],
        try_number=value["try_number"],
        started_at=_time(value.get("start_date")),
        ended_at=_time(value.get("end_date")),
        instance_id=value.get("id") or "",
        map_name=value.get("rendered_map_index"),
    )


def _start(task: TaskInstance) -> float:
    return math.inf if task.started_at is None else task.started_at.timestamp()


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _detail(response: requests.Response) -> str:
    try:
        return str(response.json().get("detail"))[:500]
    except (ValueError, AttributeError):
        return response.text[:200]
