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

    def streams(self, table: str) -> list[dict[str, Any]]:
        """The streams of a table that have ended, as the ledger's request log has them."""
        with self.log.open(encoding="utf-8") as lines:
            lines.seek(self.offset)
            entries = [json.loads(line) for line in lines]
        return [entry for entry in entries if entry["event"] == "stream" and entry["table"] == table]
