"""The Java machine in this process: started at the first call of a function, never on import."""

from __future__ import annotations

import faulthandler
import importlib
import os
import re
import shlex
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from nostro.functions.errors import ForkedError, RuntimeNotFoundError
from nostro.functions.jars import find_toolkit
from nostro.java import JavaNotFoundError, find_java

OPTIONS_VARIABLE = "NOSTRO_JAVA_OPTIONS"
"""Options of the Java machine, such as `-Xmx8g`, in the form of a shell's words."""

_OPTIONS = (
    # Addresses of Arrow's buffers are read in bounds that are checked.
    "--enable-native-access=ALL-UNNAMED",
    # Trino's slices.
    "--sun-misc-unsafe-memory-access=allow",
    # Trino's slices look how large objects are, and would attach to this process for it, which takes seconds.
    "-Djol.skipDynamicAttach=true",
    "-Djol.skipHotspotSAAttach=true",
    # The interpreter keeps its signals.
    "-Xrs",
    "-Xshare:auto",
)
# No threads of its own beside a call's: of the processor's time more is left for the functions than with G1.
_COLLECTOR = "-XX:+UseParallelGC"


@dataclass
class _Machine:
    """The process that has started Java, if one has."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    started_in: int | None = None


_machine = _Machine()


def java_class(name: str, loader: Any = None) -> Any:
    """Return a Java class of the toolkit, or of a class loader, by its full name.

    Starts the Java machine when there is none yet. Raises RuntimeNotFoundError without JPype, a Java runtime
    or the jars, ForkedError after a fork.
    """
    jpype = _started()
    if loader is None:
        return jpype.JClass(name)
    return jpype.JClass(jpype.JClass("java.lang.Class").forName(name, True, loader))


def check_process() -> None:
    """Raise ForkedError when the Java machine was started by the process that forked this one."""
    if _machine.started_in != os.getpid():
        _started()


def is_java_error(error: BaseException, name: str, loader: Any = None) -> bool:
    """Tell whether an exception is an instance of the Java class."""
    return isinstance(error, java_class(name, loader))


def _started() -> ModuleType:
    jpype = _jpype()
    if _machine.started_in == os.getpid():
        return jpype
    with _machine.lock:
        if _machine.started_in is not None and _machine.started_in != os.getpid():
            raise ForkedError(
                f"Nostro's functions were called in process {_machine.started_in} before it forked this one, "
                "and a Java machine does not survive a fork. What to do: start processes by spawn "
                '(multiprocessing.set_start_method("spawn")), or call the first function after the fork.'
            )
        if _machine.started_in is None:
            _start(jpype)
            _machine.started_in = os.getpid()
    return jpype


def _start(jpype: ModuleType) -> None:
    jars = [str(jar) for jar in find_toolkit().jars()]
    if jpype.isJVMStarted():
        # Somebody else's machine, with options of theirs.
        for jar in jars:
            jpype.addClassPath(jar)
        return
    if threading.current_thread() is threading.main_thread():
        _start_here(jpype, jars)
        return
    # Java waits at its end for the thread that started it, which may have ended long before, as those of
    # DuckDB and of pools do. So it is one that Java is told of the end of.
    starter = ThreadPoolExecutor(1)
    try:
        starter.submit(_start_here, jpype, jars, detach=True).result()
    finally:
        starter.shutdown()


def _start_here(jpype: ModuleType, jars: Sequence[str], *, detach: bool = False) -> None:
    # Compiled code of Java relies on Java's handler of SIGSEGV. Python's, set before it, would take that away
    # when it is put back, as pytest does at its end.
    faulthandler.disable()
    chosen = shlex.split(os.environ.get(OPTIONS_VARIABLE, ""))
    # Java takes one collector only.
    collector = [] if any(re.fullmatch(r"-XX:\+Use\w+GC", it) for it in chosen) else [_COLLECTOR]
    jpype.startJVM(
        str(_library()),
        *_OPTIONS,
        *collector,
        *chosen,
        classpath=jars,
        convertStrings=False,
        interrupt=False,
    )
    _measure_objects(jpype)
    if detach:
        jpype.JClass("java.lang.Thread").detach()


def _measure_objects(jpype: ModuleType) -> None:
    """Let slices learn how large objects are, without what that says on standard output."""
    system = jpype.JClass("java.lang.System")
    nowhere = jpype.JClass("java.io.OutputStream").nullOutputStream()
    output = system.out
    system.setOut(jpype.JClass("java.io.PrintStream")(nowhere))
    try:
        jpype.JClass("io.airlift.slice.SizeOf").instanceSize(jpype.JClass("java.lang.Object").class_)
    finally:
        system.setOut(output)


def _jpype() -> ModuleType:
    try:
        return importlib.import_module("jpype")
    except ImportError as error:
        raise RuntimeNotFoundError(
            "calling functions in Python needs JPype. What to do: pip install 'nostro[functions]'"
        ) from error


def _library() -> Path:
    try:
        home = find_java().home
    except JavaNotFoundError as error:
        raise RuntimeNotFoundError(
            f"{error}\nOr have one in the environment: pip install 'nostro[jre]'"
        ) from None
    for name in ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll"):
        if (home / name).is_file():
            return home / name
    raise RuntimeNotFoundError(
        f"the Java runtime at {home} has no server machine (lib/server/libjvm.so). "
        "What to do: set JAVA_HOME to a complete one, or pip install 'nostro[jre]'"
    )
