"""How large a synthetic bank is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BankScale:
    """The number of bank transactions; everything else follows from it.

    Raises ValueError outside 1 000 to 1 000 000 000 transactions: below that some kind of anomaly would be
    missing, above it account numbers would run out.
    """

    transactions: int = 1_000_000

    def __post_init__(self) -> None:
        if not 1_000 <= self.transactions <= 1_000_000_000:
            raise ValueError(
                f"a synthetic bank has from 1,000 to 1,000,000,000 transactions, not {self.transactions:,}"
            )

    @property
    def trades(self) -> int:
        return self.transactions // 5

    @property
    def accounts(self) -> int:
        return min(500_000, max(40, self.transactions // 200))

    @property
    def bank_accounts(self) -> int:
        return 4 * self.accounts

    @property
    def counterparties(self) -> int:
        return min(50_000, max(100, self.transactions // 200))

    @property
    def banks(self) -> int:
        return min(300, max(40, self.transactions // 1_000))

    @property
    def instruments(self) -> int:
        return min(500, max(40, self.transactions // 2_000))
