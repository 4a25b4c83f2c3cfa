"""Which rows reverse an earlier one, in bounded memory however long the history is."""

from __future__ import annotations

import numpy as np

from nostro.demo.arrow_columns import Ints

REMEMBERED_ROWS = 20_000


class Reversals:
    """Picks rows to become reversals and gives them the attributes of the row that they reverse.

    A row is reversed once at most, and a reversal is never reversed. Rows of earlier chunks can be
    reversed because a random sample of them is remembered.
    """

    def __init__(self, total_rows: int, rng: np.random.Generator) -> None:
        self._mean_lag = max(2, total_rows // 40)
        self._rng = rng
        self._remembered: dict[str, Ints] = {}

    def reverse(
        self, rng: np.random.Generator, rows: Ints, columns: dict[str, Ints], share: float
    ) -> tuple[Ints, dict[str, Ints]]:
        """Give `reversal_of` per row (an id, or -1) and the columns in which reversals repeat their original.

        `columns` has the rows' ids as `id` and every attribute that a reversal repeats.
        """
        count = len(rows)
        candidates = np.flatnonzero(rng.random(count) < share)
        if rows[0] == 0:
            candidates = np.union1d(candidates, [count - 1 - count // 10])
        lag = 1 + rng.exponential(self._mean_lag, len(candidates)).astype(np.int64)
        original = candidates - lag

        inside = original >= 0
        positions, originals = candidates[inside], original[inside]
        if rows[0] == 0 and not len(positions):
            positions, originals = candidates[-1:], candidates[-1:] // 2
        originals, unique = np.unique(originals, return_index=True)
        positions = positions[unique]
        chained = np.isin(originals, candidates)
        positions, originals = positions[~chained], originals[~chained]

        earlier = rng.permutation(candidates[~inside])
        memory = len(self._remembered["id"]) if self._remembered else 0
        earlier = earlier[: memory // 2]
        chosen = rng.permutation(memory)[: len(earlier)]

        reversal_of = np.full(count, -1, dtype=np.int64)
        reversal_of[positions] = columns["id"][originals]
        result = {}
        for name, values in columns.items():
            repeated = values.copy()
            repeated[positions] = values[originals]
            if len(earlier):
                repeated[earlier] = self._remembered[name][chosen]
            result[name] = repeated
        if len(earlier):
            reversal_of[earlier] = self._remembered["id"][chosen]

        fresh = reversal_of < 0
        fresh[originals] = False
        self._remember(columns, np.flatnonzero(fresh), chosen)
        return reversal_of, result

    def _remember(self, columns: dict[str, Ints], fresh: Ints, forgotten: Ints) -> None:
        fresh = self._rng.permutation(fresh)[:REMEMBERED_ROWS]
        for name, values in columns.items():
            kept = (
                np.delete(self._remembered[name], forgotten)
                if self._remembered.get(name) is not None
                else None
            )
            pool = values[fresh] if kept is None else np.concatenate([kept, values[fresh]])
            self._remembered[name] = pool
        size = len(self._remembered["id"])
        sample = np.sort(self._rng.permutation(size)[:REMEMBERED_ROWS])
        self._remembered = {name: values[sample] for name, values in self._remembered.items()}
