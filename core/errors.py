"""Errors that a person may see: each names its cause and its mend in one line."""


class TastemakerError(Exception):
    """The base of all errors that are shown as one line, never as a traceback."""

    exit_code = 1
    http_status = 500

    def __init__(self, cause: str, *, mend: str = "") -> None:
        super().__init__(f"{cause} {mend}".strip())
        self.cause = cause
        self.mend = mend


class InputError(TastemakerError):
    """What was given can't be used as it is: a broken line, an unknown name, a bad option."""

    exit_code = 2
    http_status = 400


class ArtifactError(TastemakerError):
    """The artifact folder is missing, damaged or does not match what is asked of it."""

    exit_code = 2


class NotFoundError(InputError):
    """The named thing does not exist here."""

    http_status = 404


class EngineError(TastemakerError):
    """The language model can't answer now: it is loading, it died, or it timed out."""

    http_status = 503
