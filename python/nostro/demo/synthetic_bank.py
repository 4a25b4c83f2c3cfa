"""A synthetic bank on disk: one Parquet file per table and a manifest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nostro.demo.bank_scale import BankScale
from nostro.demo.schema import Table

MANIFEST = "manifest.json"
GENERATOR_VERSION = 1
"""Changes whenever the same seed and scale would give other data."""


@dataclass(frozen=True)
class Manifest:
    """What a generated bank is and holds: rows per table, and how many of each anomaly."""

    version: int
    seed: int
    transactions: int
    rows: dict[str, int]
    anomalies: dict[str, int]

    def write(self, directory: Path) -> None:
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Raises FileNotFoundError where no bank was generated, ValueError for what is no manifest."""
        path = directory / MANIFEST
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is not the manifest of a synthetic bank: {error}") from error


@dataclass(frozen=True)
class SyntheticBank:
    """The files of one bank. The same version, seed and scale are the same bytes."""

    directory: Path
    manifest: Manifest

    @classmethod
    def open(cls, directory: Path) -> SyntheticBank:
        """Raises FileNotFoundError where no bank was generated."""
        return cls(directory, Manifest.read(directory))

    @property
    def scale(self) -> BankScale:
        return BankScale(self.manifest.transactions)

    @property
    def identity(self) -> str:
        """Names the data: equal identities are equal rows."""
        manifest = self.manifest
        return f"version {manifest.version}, seed {manifest.seed}, transactions {manifest.transactions}"

    def file(self, table: Table) -> Path:
        return self.directory / f"{table.name}.parquet"
