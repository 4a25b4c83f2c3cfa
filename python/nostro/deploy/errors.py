"""What a deployment raises."""


class DeploymentError(Exception):
    """The plugin was not deployed. `cause` is one sentence, `remedy` what the user can do about it."""

    def __init__(self, cause: str, remedy: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
