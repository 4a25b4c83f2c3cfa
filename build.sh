#!/usr/bin/env bash
# Nostro's front door: build | demo | test | chaos | fuzz | bench | docs | wheel | clean. `./build.sh help` says what each does.
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "✗ No Python 3.11 or newer found: looked for python3 and python3.11 to python3.14 on PATH." >&2
    echo "  What to do: install one (Debian: apt install python3 python3-venv), or name it: PYTHON=/path/to/python3 ./build.sh" >&2
    exit 1
fi

build() { PYTHONPATH=python "$python" -m nostro.build "$@"; }

verb=${1:-help}
[ $# -gt 0 ] && shift
case "$verb" in
    build) build "$@" ;;
    demo)
        build
        exec .venv/bin/nostro demo "$@"
        ;;
    test)
        build environment
        .venv/bin/ruff check .
        .venv/bin/ruff format --check .
        .venv/bin/mypy
        build java-tests
        exec .venv/bin/pytest "$@"
        ;;
    suite)
        build
        NOSTRO_SUITE=$(.venv/bin/python trino-plugin/src/test/python/trino_server.py)
        export NOSTRO_SUITE
        build java-tests
        .venv/bin/python trino-plugin/src/test/python/suites_page.py docs/connector-suites.md
        .venv/bin/pytest tests/flight/test_conformance.py --every-fault "$@"
        exec .venv/bin/pytest -m minutes_long --minutes-long "$@"
        ;;
    chaos)
        build
        exec .venv/bin/pytest tests/chaos --faults 100 "$@"
        ;;
    fuzz) build fuzz "$@" ;;
    wheel)
        build
        build wheel
        ;;
    bench)
        build
        for script in benchmarks/[a-z]*.py; do .venv/bin/python "$script" "$@"; done
        ;;
    docs)
        build
        catalogue=(trino-plugin/target/nostro-trino-*/nostro-functions.json)
        .venv/bin/python -m nostro.functions.documentation "${catalogue[0]}" docs/functions
        .venv/bin/python -m nostro.functions.stubs "${catalogue[0]}" python/nostro/functions/__init__.pyi
        ;;
    clean)
        [ ! -x .venv/bin/nostro ] || .venv/bin/nostro down
        rm -rf .venv target udfs/*/target trino-plugin/target trino-versions/*/target .mypy_cache .ruff_cache .pytest_cache .hypothesis
        ;;
    *)
        cat <<'HELP'
usage: ./build.sh VERB

  build   make .venv and the Trino plugin; what is up to date is left alone
  demo    build, start the stack, run the bank's day through Airflow, print and reconcile the result
  test    build, then lint, types, the Java tests and the Python tests
  suite   build, then what takes too long for test: Trino's own suites, a broken source for each check, the longest tests
  chaos   build, then the day in each shape while a hundred faults strike (--faults N, --seed N)
  fuzz    every function with arguments of all kinds, a minute each (--seconds N, --only REGEX, --seed N)
  bench   build, then every benchmark; each prints its figures beside a named peer's
  docs    build, then write the generated pages under docs/
  wheel   build, then make the Python package with the functions' jars in it, in target/wheel
  clean   stop the stack and remove everything that was built here
HELP
        [ "$verb" = help ] || { echo "✗ no such verb: $verb" >&2; exit 2; }
        ;;
esac
