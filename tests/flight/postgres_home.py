"""PostgreSQL alone, of the local stack, for tests of sources over a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from tests.own_home import own_home

from nostro.stack.postgres import Postgres
from nostro.stack.progress import SilentProgress


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URI of a database in a PostgreSQL of its own, which is ended afterwards."""
    with own_home("nostro-flight-") as home:
        home.create()
        postgres = Postgres(home)
        postgres.start(SilentProgress())
        connection = psycopg2.connect(postgres.dsn("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE bank")
        connection.close()
        yield postgres.dsn("bank")
