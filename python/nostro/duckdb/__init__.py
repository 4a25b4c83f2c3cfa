"""Nostro's SQL functions in DuckDB, in this process and with no server.

import nostro.duckdb

connection = nostro.duckdb.connect()
connection.sql("SELECT iban_is_valid('DE89370400440532013000')")
"""

from nostro.duckdb.registration import RegisteredFunctions, connect, register

__all__ = ["RegisteredFunctions", "connect", "register"]
