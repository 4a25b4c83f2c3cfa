"""The lake: Iceberg tables on the local file system, their catalog in PostgreSQL.

It has no process of its own: it is up when its warehouse exists and the catalog's database answers.
"""

from pathlib import Path

from nostro.stack.home import NostroHome
from nostro.stack.ports import LOOPBACK
from nostro.stack.postgres import Postgres
from nostro.stack.status import PartStatus

PART = "lake"
CATALOG_DATABASE = "iceberg"


class Lake:
    """The Iceberg warehouse of one home."""

    def __init__(self, home: NostroHome, postgres: Postgres) -> None:
        self._home = home
        self._postgres = postgres

    @property
    def warehouse(self) -> Path:
        """The directory of the tables' files."""
        return self._home.data_directory / PART

    def create(self) -> None:
        """Make the warehouse directory if it is missing."""
        self.warehouse.mkdir(parents=True, exist_ok=True)

    def catalog_properties(self) -> dict[str, str]:
        """Return the properties of Trino's catalog `lake`."""
        return {
            "connector.name": "iceberg",
            "iceberg.catalog.type": "jdbc",
            "iceberg.jdbc-catalog.catalog-name": PART,
            "iceberg.jdbc-catalog.driver-class": "org.postgresql.Driver",
            "iceberg.jdbc-catalog.connection-url": self._postgres.jdbc_url(CATALOG_DATABASE),
            "iceberg.jdbc-catalog.connection-user": "nostro",
            "iceberg.jdbc-catalog.connection-password": self._postgres.password(),
            # PostgreSQL's codes of a server that is shut down, crashed or not up yet: idle connections of
            # before are opened again, besides those that fail with the driver's own codes.
            "iceberg.jdbc-catalog.retryable-status-codes": "57P01,57P02,57P03",
            "iceberg.jdbc-catalog.default-warehouse-dir": "local:///",
            "fs.native-local.enabled": "true",
            "local.location": str(self.warehouse),
        }

    def status(self) -> PartStatus:
        """Return the state of the catalog's database, with the warehouse as address."""
        catalog = self._postgres.status()
        if catalog.state == "running" and not self.warehouse.is_dir():
            return PartStatus("stopped")
        if catalog.state == "stopped":
            return PartStatus("stopped")
        return PartStatus(
            catalog.state,
            host=LOOPBACK,
            port=catalog.port,
            address=self.warehouse.as_uri(),
            log=catalog.log,
        )
