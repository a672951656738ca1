"""What a request is told that cannot be taken. Never an error of Dwell's own."""


class Refused(Exception):
    """A request that is not taken: its status, and a sentence for who sent it.

    `retry_after`: seconds after which the same request may be taken; None where it never will.
    """

    def __init__(self, status: int, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_after = retry_after
