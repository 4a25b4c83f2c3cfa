"""What the audit raises."""


class NotPublishedError(Exception):
    """There is no published figure for what was asked; `remedy` says what there is."""

    def __init__(self, cause: str, remedy: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
