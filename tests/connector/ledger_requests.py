"""What the ledger's request log says it was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Requests:
    """What the ledger was asked since this object was made."""

    log: Path
    offset: int

    def planned(self, table: str) -> list[dict[str, Any]]:
        """The reads of a table that were planned; their streams begin next."""
        return [entry for entry in self._entries("read") if entry.get("table") == table]

    def streams(self, table: str) -> list[dict[str, Any]]:
        """The streams of a table that have ended."""
        return [entry for entry in self._entries("stream") if entry.get("table") == table]

    def joins(self) -> list[dict[str, Any]]:
        """The streams of joins that have ended."""
        return [entry for entry in self._entries("stream") if "join" in entry]

    def _entries(self, event: str) -> list[dict[str, Any]]:
        with self.log.open(encoding="utf-8") as lines:
            lines.seek(self.offset)
            entries = [json.loads(line) for line in lines if line.endswith("\n")]
        return [entry for entry in entries if entry["event"] == event]
