"""The functions of any Trino plugin, called in this process on Arrow data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from nostro.functions.arrow_types import type_of
from nostro.functions.bound import BoundAggregate, BoundScalar, arrow_types, python_error
from nostro.functions.calls import AggregateFunction, ScalarFunction
from nostro.functions.catalogue import Function, function_of
from nostro.functions.errors import PluginError
from nostro.functions.jvm import is_java_error, java_class
from nostro.functions.sql_type import SqlType, register_sql_types

_PACKAGE = "io.nostro.toolkit.plugin"


@dataclass(frozen=True)
class PluginFunction:
    """What a plugin tells of a function.

    `stored_results` are the SQL types as which Arrow has each signature's results, None where it follows the
    arguments'.
    """

    catalogued: Function
    stored_results: tuple[str | None, ...]
    variable_arity: bool


class Plugin:
    """The functions of a Trino plugin, each an attribute by its name in lower case.

    `functions` has them all, `left_out` those that cannot be called outside an engine, with the reason;
    `own_types` are the names of the plugin's types, in lower case and without parameters.
    """

    def __init__(self, directory: Path, trino_lib: Path) -> None:
        """Load a plugin's directory over the directory `lib` of a Trino of its version."""
        self.directory = directory
        self.trino_lib = trino_lib
        register_sql_types()
        try:
            self._loader = java_class(f"{_PACKAGE}.PluginHost").of(str(trino_lib))
            loaded = java_class(f"{_PACKAGE}.PluginFunctions", self._loader).load(str(directory))
        except Exception as error:
            if is_java_error(error, "java.lang.IllegalArgumentException"):
                raise PluginError(str(error.getMessage())) from None  # type: ignore[attr-defined]
            if is_java_error(error, "java.lang.LinkageError"):
                raise PluginError(
                    f"{directory} cannot be loaded over {trino_lib}, which is a Trino that this Nostro does "
                    f"not know: {error}"
                ) from None
            raise
        self.left_out: Mapping[str, str] = {
            str(entry.getKey()).lower(): str(entry.getValue()) for entry in loaded.leftOut().entrySet()
        }
        self.own_types = frozenset(str(name) for name in loaded.ownTypes())
        self.declared: Mapping[str, PluginFunction] = {
            it.catalogued.name.lower(): it for it in map(_declared, json.loads(str(loaded.catalogue())))
        }
        self.functions: Mapping[str, ScalarFunction | AggregateFunction] = {
            name: self._callable(it.catalogued, loaded) for name, it in sorted(self.declared.items())
        }

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__.get("functions", {}).get(name.lower())
        if found is None:
            reason = self.__dict__.get("left_out", {}).get(name.lower())
            raise AttributeError(
                f"{self!r} has no function {name!r}" + (f" to call: {reason}" if reason else "")
            )
        return found

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *self.functions])

    def __repr__(self) -> str:
        return f"<plugin {self.directory.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (self.directory, self.trino_lib)

    def _callable(self, catalogued: Function, loaded: Any) -> ScalarFunction | AggregateFunction:
        implementation = _Implementation(catalogued.name, loaded, self._loader)
        if catalogued.kind == "scalar":
            return _PluginScalar(self, catalogued, implementation)
        return _PluginAggregate(self, catalogued, implementation)


def load_plugin(directory: Path | str, *, trino_lib: Path | str | None = None) -> Plugin:
    """Return the functions of a plugin of Trino's.

    `directory` is the plugin's, with its jars, such as `plugin/geospatial` of a Trino server; `trino_lib` the
    directory `lib` of a server of the version that the plugin is for, which need not run. Without it, that is
    the one of the server in which the plugin is. Raises PluginError when there is no plugin or no server.
    """
    plugin = Path(directory).expanduser().resolve()
    lib = Path(trino_lib).expanduser().resolve() if trino_lib else plugin.parents[1] / "lib"
    if not plugin.is_dir():
        raise PluginError(f"{plugin} is no directory of a Trino plugin")
    if not any(lib.glob("*trino-main-*.jar")):
        raise PluginError(
            f"{lib} has no trino-main-*.jar. What to do: name the directory lib of a Trino server of the "
            "plugin's version, load_plugin(…, trino_lib=…)"
        )
    return _load(plugin, lib)


@cache
def _load(directory: Path, trino_lib: Path) -> Plugin:
    return Plugin(directory, trino_lib)


def _declared(document: Mapping[str, Any]) -> PluginFunction:
    return PluginFunction(
        function_of(document["function"]), tuple(document["storedResults"]), document["variableArity"]
    )


class _Implementation:
    def __init__(self, name: str, loaded: Any, loader: Any) -> None:
        self._name = name
        self._loaded = loaded
        self._loader = loader

    @cached_property
    def _java(self) -> Any:
        return self._loaded.function(self._name)

    def scalar(self, types: Sequence[pa.DataType]) -> BoundScalar:
        """Bind a scalar function."""
        try:
            bound = self._java.scalar(arrow_types(types, self._loader), _names(types))
        except Exception as error:
            raise python_error(self._name, error, 0, self._loader) from None
        return BoundScalar(
            self._name, bound.call(), _own_type(bound.resultType(), bound.call()), self._loader
        )

    def aggregate(self, types: Sequence[pa.DataType]) -> BoundAggregate:
        """Bind an aggregate."""
        try:
            bound = self._java.aggregate(arrow_types(types, self._loader), _names(types))
        except Exception as error:
            raise python_error(self._name, error, 0, self._loader) from None
        return BoundAggregate(self._name, bound, _own_type(bound.resultType(), bound), self._loader)


def _names(types: Sequence[pa.DataType]) -> Any:
    """Java's list of the names of the types that Arrow has not, empty for others."""
    names = java_class("java.util.ArrayList")()
    for type_ in types:
        names.add(java_class("java.lang.String")(type_.name if isinstance(type_, SqlType) else ""))
    return names


def _own_type(name: Any, java: Any) -> SqlType | None:
    return SqlType(str(name), type_of(str(java.resultFormat()))) if str(name) else None


class _PluginScalar(ScalarFunction):
    def __init__(self, plugin: Plugin, catalogued: Function, implementation: _Implementation) -> None:
        super().__init__(catalogued, implementation)
        self._plugin = plugin

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self._plugin, self.__name__)


class _PluginAggregate(AggregateFunction):
    def __init__(self, plugin: Plugin, catalogued: Function, implementation: _Implementation) -> None:
        super().__init__(catalogued, implementation)
        self._plugin = plugin

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self._plugin, self.__name__)
