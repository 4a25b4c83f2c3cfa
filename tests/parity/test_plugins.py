"""The functions of plugins of the Trino distribution, each in DuckDB, beside the server that has them."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import trino.dbapi
from trino.exceptions import TrinoQueryError

import nostro.duckdb
from nostro.functions import load_plugin
from nostro.functions.errors import FunctionError, PluginError, SignatureError
from nostro.functions.plugin import Plugin
from nostro.stack import Stack

SHAPES = """
(VALUES
  (1, 'POINT (1 2)'),
  (2, 'LINESTRING (0 0, 1 1, 2 0)'),
  (3, 'LINESTRING (0 0, 4 0, 4 4, 0 0)'),
  (4, 'POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))'),
  (5, 'POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))'),
  (6, 'MULTIPOINT (1 1, 2 3, 5 8)'),
  (7, 'MULTILINESTRING ((0 0, 1 1), (2 2, 3 5))'),
  (8, 'MULTIPOLYGON (((0 0, 0 1, 1 1, 1 0, 0 0)), ((2 2, 2 3, 3 3, 3 2, 2 2)))'),
  (9, 'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 3 3))'),
  (10, 'POINT EMPTY'),
  (11, 'POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))'),
  (12, 'not a shape'),
  (13, NULL)
) AS shapes (id, w)
"""
NUMBERS = """
(VALUES (1, 30.12, 60.0, 15), (2, -36.12, -86.67, 3), (3, 0.0, 0.0, 0), (4, 91.0, 0.0, 5), (5, NULL, 1.0, 1))
AS numbers (id, x, y, zoom)
"""
TEXTS = """
(VALUES
  (1, 'high', 'ig'),
  (2, '', ''),
  (3, 'naïve €', 'e'),
  (4, '1988/04/08 2:15', 'yyyy/mm/dd hh24:mi'),
  (5, '1988-04-08', 'yyyy-mm-dd'),
  (6, 'x', 'yyyy'),
  (7, NULL, 'a')
) AS texts (id, a, b)
"""
POINTS = """
(VALUES (1, 1.0, 2.0), (2, 2.0, 3.5), (3, 3.0, 5.0), (4, 4.0, 7.5), (5, 5.0, 11.0), (6, 6.0, 13.0))
AS points (id, a, b)
"""
G = "ST_GeometryFromText(w)"
OTHER = "ST_GeometryFromText('POLYGON ((0 0, 0 3, 3 3, 3 0, 0 0))')"
GLOBE = "to_spherical_geography(ST_GeometryFromText(w))"

_OF_SHAPE = """
ST_Area ST_AsText ST_CoordDim ST_Dimension ST_GeometryType ST_IsClosed ST_IsEmpty ST_IsRing ST_IsSimple
ST_IsValid ST_Length ST_NumGeometries ST_NumInteriorRing ST_NumPoints ST_X ST_XMax ST_XMin ST_Y ST_YMax
ST_YMin geometry_invalid_reason ST_AsBinary to_encoded_polyline
"""
_SHAPE_OF_SHAPE = """
ST_Boundary ST_Centroid ST_ConvexHull ST_EndPoint ST_Envelope ST_ExteriorRing ST_StartPoint
"""
_OF_TWO = """
ST_Contains ST_Crosses ST_Disjoint ST_Distance ST_Equals ST_Intersects ST_Overlaps ST_Touches ST_Within
"""
_SHAPE_OF_TWO = ["ST_Difference", "ST_Intersection", "ST_SymDifference", "ST_Union"]

GEOSPATIAL = [
    *(f"TRY({name}({G})) FROM {SHAPES}" for name in _OF_SHAPE.split()),
    *(f"TRY(ST_AsText({name}({G}))) FROM {SHAPES}" for name in _SHAPE_OF_SHAPE.split()),
    *(f"TRY({name}({G}, {OTHER})) FROM {SHAPES}" for name in _OF_TWO.split()),
    *(f"TRY(ST_AsText({name}({G}, {OTHER}))) FROM {SHAPES}" for name in _SHAPE_OF_TWO),
    f"TRY(ST_Relate({G}, {OTHER}, 'T********')) FROM {SHAPES}",
    f"TRY(ST_Area({GLOBE})) FROM {SHAPES}",
    f"TRY(ST_Length({GLOBE})) FROM {SHAPES}",
    f"TRY(ST_Distance({GLOBE}, to_spherical_geography(ST_Point(3, 4)))) FROM {SHAPES}",
    f"TRY(ST_AsText(to_geometry({GLOBE}))) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_Buffer({G}, 0.5))) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_Geometries({G})[1])) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_Points({G})[1])) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_InteriorRings({G})[1])) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_EnvelopeAsPts({G})[1])) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_GeometryN({G}, 1))) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_PointN({G}, 2))) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_InteriorRingN({G}, 1))) FROM {SHAPES}",
    f"TRY(ST_AsText(simplify_geometry({G}, 1.5))) FROM {SHAPES}",
    f"TRY(ST_AsText(geometry_union(ARRAY[{G}, {OTHER}]))) FROM {SHAPES}",
    f"TRY(ST_AsText(ST_GeomFromBinary(ST_AsBinary({G})))) FROM {SHAPES}",
    f"TRY(to_geojson_geometry({GLOBE})) FROM {SHAPES}",
    f"TRY(ST_AsText(to_geometry(from_geojson_geometry(to_geojson_geometry({GLOBE}))))) FROM {SHAPES}",
    f"TRY(line_locate_point({G}, ST_Point(1, 0.5))) FROM {SHAPES}",
    f"TRY(ST_AsText(line_interpolate_point({G}, 0.25))) FROM {SHAPES}",
    f"TRY(ST_AsText(line_interpolate_points({G}, 0.25)[1])) FROM {SHAPES}",
    f"TRY(ST_AsText(from_encoded_polyline(to_encoded_polyline({G})))) FROM {SHAPES}",
    f"ST_AsText(ST_LineFromText('LINESTRING (0 0, 2 3)')) FROM {NUMBERS}",
    f"ST_AsText(ST_Polygon('POLYGON ((0 0, 0 2, 2 2, 0 0))')) FROM {NUMBERS}",
    f"ST_AsText(ST_Point(x, y)) FROM {NUMBERS}",
    f"TRY(ST_AsText(ST_LineString(ARRAY[ST_Point(x, y), ST_Point(1, 2)]))) FROM {NUMBERS}",
    f"TRY(ST_AsText(ST_MultiPoint(ARRAY[ST_Point(x, y), ST_Point(1, 2)]))) FROM {NUMBERS}",
    f"ST_AsText(ST_GeomFromKML('<Point><coordinates>1,2</coordinates></Point>')) FROM {NUMBERS}",
    f"TRY(great_circle_distance(x, y, 33.94, -118.40)) FROM {NUMBERS}",
    f"TRY(bing_tile_quadkey(bing_tile_at(x, y, zoom))) FROM {NUMBERS}",
    f"TRY(bing_tile_zoom_level(bing_tile_at(x, y, zoom))) FROM {NUMBERS}",
    f"TRY(ST_AsText(bing_tile_polygon(bing_tile_at(x, y, zoom)))) FROM {NUMBERS}",
    f"TRY(bing_tile_quadkey(bing_tile(zoom, 2, 5))) FROM {NUMBERS}",
    f"ST_AsText(bing_tile_polygon(bing_tile('123'))) FROM {NUMBERS}",
    f"TRY(bing_tile_coordinates(bing_tile_at(x, y, zoom)).x) FROM {NUMBERS}",
    f"TRY(bing_tile_quadkey(bing_tiles_around(x, y, zoom)[1])) FROM {NUMBERS}",
    f"TRY(bing_tile_quadkey(geometry_to_bing_tiles(ST_Point(y, x), zoom)[1])) FROM {NUMBERS}",
    f"TRY(geometry_nearest_points({G}, {OTHER}) IS NULL) FROM {SHAPES}",
    f"ST_AsText(convex_hull_agg({G})) FROM (SELECT * FROM {SHAPES} WHERE id < 10) AS t",
    f"ST_AsText(geometry_union_agg({G})) FROM (SELECT * FROM {SHAPES} WHERE id < 9) AS t",
    f"id % 3, ST_AsText(convex_hull_agg({G})) FROM (SELECT * FROM {SHAPES} WHERE id < 9) GROUP BY id % 3",
]
TERADATA = [
    f"index(a, b) FROM {TEXTS}",
    f"char2hexint(a) FROM {TEXTS}",
    f"TRY(to_timestamp(a, b)) FROM {TEXTS}",
    f"TRY(to_date(a, b)) FROM {TEXTS}",
    f"TRY(to_char(TIMESTAMP '2020-09-13 12:26:40 UTC', b)) FROM {TEXTS}",
]
ML = [
    f"regress(features(3.0, 4.0), learn_regressor(b, features(a, b))) FROM {POINTS}",
    f"regress(features(3.0, 4.0), learn_libsvm_regressor(b, features(a, b), '')) FROM {POINTS}",
    f"evaluate_classifier_predictions(id % 2, id % 3) FROM {POINTS}",
]

# Serialised values that neither SQL shows nor DuckDB takes apart, and models of texts, which DuckDB has not.
NOT_COMPARED = {
    "spatial_partitioning",
    "spatial_partitions",
    "geometry_from_hadoop_shape",
    "classify",
    "learn_classifier",
    "learn_libsvm_classifier",
}
INPUTS = 1000
EVERY = 4
CASES = [
    *(("geo", case) for case in GEOSPATIAL),
    *(("teradata", case) for case in TERADATA),
    *(("ml", case) for case in ML),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        # With as many inputs as by default one case of so many; with more (--inputs 1001) all are.
        step = 1 if metafunc.config.getoption("inputs") > INPUTS else EVERY
        chosen = CASES[::step]
        names = [f"{catalog}: {case.partition(' FROM')[0]}" for catalog, case in chosen]
        metafunc.parametrize(("catalog", "case"), chosen, ids=names)


@pytest.fixture(scope="module")
def plugins(stack: Stack) -> dict[str, Plugin]:
    directories = {"geo": "geospatial", "teradata": "teradata-functions", "ml": "ml"}
    installed = next(stack.home.run_directory.glob("trino-plugins-*"))
    return {name: load_plugin(installed / directory) for name, directory in directories.items()}


@pytest.fixture(scope="module")
def connection(plugins: dict[str, Plugin]) -> Iterator[duckdb.DuckDBPyConnection]:
    with nostro.duckdb.connect(plugins=plugins) as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


def in_duckdb(sql: str, plugins: dict[str, Plugin]) -> str:
    for catalog, plugin in plugins.items():
        for name in plugin.functions:
            sql = re.sub(rf"(?i)(?<![\w.])({name})\(", rf"{catalog}.\1(", sql)
    return sql.replace("TIMESTAMP '2020-09-13 12:26:40 UTC'", "TIMESTAMPTZ '2020-09-13 12:26:40 UTC'")


Outcome = list[tuple[Any, ...]] | str


def plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def by_trino(connection: trino.dbapi.Connection, query: str) -> Outcome:
    """The rows, or the message of the error."""
    try:
        return [tuple(map(plain, row)) for row in connection.cursor().execute(query).fetchall()]
    except TrinoQueryError as error:
        return str(error.message)


def by_duckdb(connection: duckdb.DuckDBPyConnection, query: str) -> Outcome:
    try:
        return [tuple(map(plain, row)) for row in connection.execute(query).fetchall()]
    except duckdb.Error as error:
        return str(error)


def assert_equal(actual: Outcome, expected: Outcome) -> None:
    if isinstance(expected, str):
        assert expected in actual
    else:
        assert actual == expected


def test_function(
    catalog: str,
    case: str,
    plugins: dict[str, Plugin],
    connection: duckdb.DuckDBPyConnection,
    trino_connection: trino.dbapi.Connection,
) -> None:
    is_aggregate = "_agg(" in case or catalog == "ml"
    query = f"SELECT {case} ORDER BY 1" if is_aggregate else f"SELECT {case} ORDER BY id"
    expected = by_trino(trino_connection, query)
    if not isinstance(expected, str):
        assert_equal(by_duckdb(connection, in_duckdb(query, plugins)), expected)
    else:
        # A row for which the server has an error that TRY lets through; the others are tried without it.
        outcomes = []
        for row in range(1, 14):
            of_row = query.replace(" ORDER BY id", f" WHERE id = {row}")
            outcomes.append(by_trino(trino_connection, of_row))
            if isinstance(outcomes[-1], str):
                # TRY of DuckDB's lets no error through.
                of_row = of_row.replace("TRY(", "(")
            assert_equal(by_duckdb(connection, in_duckdb(of_row, plugins)), outcomes[-1])
        expected = [row for outcome in outcomes if not isinstance(outcome, str) for row in outcome]
    assert any(value is not None for row in expected for value in row)


def test_every_function_is_compared(plugins: dict[str, Plugin]) -> None:
    compared = {
        name.lower() for _, case in CASES for name in re.findall(r"(\w+)\(", case.replace("TRY(", ""))
    }
    every = {name for plugin in plugins.values() for name in plugin.functions}
    assert every - compared == NOT_COMPARED


def test_columns_keep_the_types_of_the_plugin(plugins: dict[str, Plugin]) -> None:
    geo = plugins["geo"]
    points = geo.st_point(pa.array([1.0, 2.0, None]), pa.chunked_array([[3.0], [4.0, 5.0]]))
    assert str(points.type) == "geometry"
    assert geo.st_astext(points).to_pylist() == ["POINT (1 3)", "POINT (2 4)", None]
    squares = geo.st_buffer(points, 1.0)
    assert geo.st_contains(squares, points).to_pylist() == [True, True, None]
    globe = geo.to_spherical_geography(points)
    assert str(globe.type) == "sphericalgeography"
    # Both are bytes, and the one is not taken for the other.
    with pytest.raises(
        SignatureError, match=r"Unexpected parameters .*SphericalGeography. for function ST_Contains"
    ):
        geo.st_contains(squares, globe)
    assert geo.st_distance(globe, globe).to_pylist() == [0.0, 0.0, None]
    with pa.BufferOutputStream() as sink:
        table = pa.table({"points": points})
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        read = pa.ipc.open_stream(sink.getvalue()).read_all()
    assert geo.st_x(read["points"]).to_pylist() == [1.0, 2.0, None]


def test_groups_constants_and_scalars(plugins: dict[str, Plugin]) -> None:
    geo = plugins["geo"]
    point = geo.st_point(1.0, 2.0)
    assert geo.st_x(point).as_py() == 1.0
    points = geo.st_point(pa.array([0.0, 1.0, 5.0, None]), 2.0)
    hulls = geo.convex_hull_agg(points, group_by=pa.array(["a", "a", "b", "c"]))
    assert geo.st_astext(hulls.column(1)).to_pylist() == ["LINESTRING (0 2, 1 2)", "POINT (5 2)", None]


def test_models(plugins: dict[str, Plugin]) -> None:
    ml = plugins["ml"]
    features = ml.features(pa.array([float(n) for n in range(10)]), pa.array([1.0] * 10))
    model = ml.learn_classifier(pa.array([0] * 5 + [1] * 5, pa.int64()), features)
    assert str(model.type) == "classifier(bigint)"
    assert ml.classify(features, model).to_pylist() == [0] * 5 + [1] * 5
    of_texts = ml.learn_classifier(pa.array(["low"] * 5 + ["high"] * 5), features)
    assert set(ml.classify(features, of_texts).to_pylist()) == {"low", "high"}


def test_an_aggregate_that_the_server_rewrites(plugins: dict[str, Plugin]) -> None:
    with pytest.raises(FunctionError, match="should be re-written into spatial_partitioning"):
        plugins["geo"].spatial_partitioning(plugins["geo"].st_point(pa.array([1.0]), 1.0))


def test_many_threads(plugins: dict[str, Plugin]) -> None:
    geo = plugins["geo"]
    numbers = pa.array([float(n) for n in range(20_000)])

    def total(_: int) -> float:
        return float(sum(geo.st_x(geo.st_point(numbers, 1.0)).to_pylist()))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(total, range(16))) == {sum(range(20_000))}


def test_errors(plugins: dict[str, Plugin], tmp_path: Path) -> None:
    geo = plugins["geo"]
    with pytest.raises(FunctionError, match=r"Invalid WKT: POLY\( \(row 1\)") as raised:
        geo.st_geometryfromtext(pa.array(["POINT (1 2)", "POLY("]))
    assert raised.value.code == "INVALID_FUNCTION_ARGUMENT"
    nulled = geo.st_geometryfromtext(pa.array(["POINT (1 2)", "POLY("]), on_error="null")
    assert nulled.null_count == 1
    with pytest.raises(SignatureError, match=r"Unexpected parameters \(integer\) for function ST_Area"):
        geo.st_area(1)
    with pytest.raises(SignatureError, match="ST_Area takes such columns as more than one type"):
        geo.st_area(geo.st_point(1.0, 2.0).value)
    with pytest.raises(AttributeError, match="<plugin geospatial> has no function 'st_nothing'"):
        _ = geo.st_nothing
    with pytest.raises(PluginError, match=r"has no trino-main-\*\.jar"):
        load_plugin(tmp_path)
    with pytest.raises(PluginError, match="is no directory of a Trino plugin: it has no jar"):
        load_plugin(tmp_path, trino_lib=geo.trino_lib)
    with pytest.raises(PluginError, match="is no directory of a Trino plugin"):
        load_plugin(tmp_path / "none", trino_lib=geo.trino_lib)


def test_a_function_is_pickled_by_its_plugin(plugins: dict[str, Plugin]) -> None:
    copied = pickle.loads(pickle.dumps(plugins["geo"].st_point))
    assert copied is plugins["geo"].st_point
