"""Runs a DAG's tasks in this process: the real operators, templates and Trino, without a scheduler."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import importlib
import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.bases.operator import ExecutorSafeguard
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import TaskDeferred
from airflow.triggers.base import BaseTrigger

CONCURRENCY = 6
DAGS = Path(__file__).resolve().parents[2] / "dags"


def load_dag(path: Path) -> DAG:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    dag: DAG = module.dag
    return dag


async def event_of(trigger: BaseTrigger) -> Any:
    """Return what the trigger fires, made anew from its serialized form as a triggerer makes it."""
    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    made: BaseTrigger = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))
    async for event in made.run():
        return event.payload
    raise AssertionError(f"{path} has fired nothing")


@dataclass
class TaskTry:
    """What an operator asks of the running task instance."""

    dag_id: str
    task_id: str
    run_id: str
    xcom: Mapping[str, Any]
    try_number: int = 1
    map_index: int = -1
    log_url: str = ""
    id: UUID = field(default_factory=uuid4)
    pushed: dict[str, Any] = field(default_factory=dict)

    def xcom_pull(self, task_ids: str, *, key: str = "return_value", map_indexes: int | None = None) -> Any:
        """As Airflow does it, which without an index gives what all instances of a task have told."""
        if key == "return_value":
            return self.xcom.get(task_ids)
        assert (task_ids, map_indexes) == (self.task_id, self.map_index)
        return self.pushed.get(key)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


@dataclass
class DagRun:
    """One run of `dag`, for a business date or a data interval; `xcom` holds what its tasks returned.

    `params` override the DAG's, as a trigger's configuration does.
    """

    dag: DAG
    business_date: date | None = None
    data_interval: tuple[datetime, datetime] | None = None
    run_id: str = field(default_factory=lambda: f"test__{uuid4().hex[:8]}")
    xcom: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    outlet_events: dict[Any, SimpleNamespace] = field(default_factory=lambda: defaultdict(SimpleNamespace))

    def context(self, task: BaseOperator, map_index: int = -1, **of_try: Any) -> Any:
        params = {**ParamsDict(self.dag.params).dump(), **ParamsDict(task.params).dump(), **self.params}
        if self.business_date is not None:
            params["business_date"] = self.business_date.isoformat()
        start, end = self.data_interval or (None, None)
        return {
            "dag": self.dag,
            "task": task,
            "ti": TaskTry(
                self.dag.dag_id, task.task_id, self.run_id, self.xcom, map_index=map_index, **of_try
            ),
            "run_id": self.run_id,
            "params": params,
            "data_interval_start": start,
            "data_interval_end": end,
            "outlet_events": self.outlet_events,
        }

    def prepare(self, task_id: str, **of_try: Any) -> tuple[Any, Any]:
        """Return a rendered copy of the task, ready to execute, and its context.

        `of_try` is what the :class:`TaskTry` has other than a first try.
        """
        task: Any = copy.copy(self.dag.get_task(task_id))
        context = self.context(task, **of_try)
        task.render_template_fields(context)
        return task, context

    def execute(self, task: Any, context: Any) -> Any:
        def run() -> Any:
            ExecutorSafeguard.tracker.set(task)
            try:
                return task.execute(context)
            except TaskDeferred as deferred:
                waiting = deferred
            while True:
                event = asyncio.run(event_of(waiting.trigger))
                try:
                    return task.resume_execution(
                        waiting.method_name, {**(waiting.kwargs or {}), "event": event}, context
                    )
                except TaskDeferred as deferred:
                    waiting = deferred

        result = contextvars.copy_context().run(run)
        self.xcom[task.task_id] = result
        return result

    def run_task(self, task_id: str) -> Any:
        """Run one try of one task, a mapped one's once for each of what it is mapped over."""
        task: Any = self.dag.get_task(task_id)
        if not task.is_mapped:
            return self.execute(*self.prepare(task_id))
        [(field_name, source)] = task.expand_input.value.items()
        results = []
        for index, value in enumerate(self.xcom[source.operator.task_id]):
            one = task.unmap({field_name: value})
            context = self.context(one, index)
            one.render_template_fields(context)
            results.append(self.execute(one, context))
        self.xcom[task_id] = results or None
        return results

    def run(self, until: str | None = None, done: Iterable[str] = ()) -> None:
        """Run every task once, those that may run at the same time at the same time.

        :param until: stop before this task
        :param done: tasks that have run already
        """
        done = set(done)
        ordered = [task.task_id for task in self.dag.topological_sort()]  # type: ignore[no-untyped-call]
        waiting = [task_id for task_id in ordered if task_id not in done]
        while waiting and waiting[0] != until:
            ready = [t for t in waiting if t != until and self.dag.get_task(t).upstream_task_ids <= done]
            with ThreadPoolExecutor(min(len(ready), CONCURRENCY)) as pool:
                list(pool.map(self.run_task, ready))
            done.update(ready)
            waiting = [task_id for task_id in waiting if task_id not in done]
