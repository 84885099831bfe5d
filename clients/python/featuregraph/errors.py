from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong with an input."""

    path: str
    message: str
    fix: str | None = None


class FeaturegraphError(Exception):
    """
    Whatever went wrong with a call. `code` is one of the server's closed list, also where it was no featuregraph that
    answered: what lies between then gets the code that its HTTP status comes nearest to.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        issues: Sequence[Issue] = (),
        retryable: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
        is_told: bool = False,
        was_sent: bool = True,
    ) -> None:
        lines = [f"  {one.path}: {one.message}{f' {one.fix}' if one.fix else ''}" for one in issues]
        super().__init__("\n".join([message, *lines]))
        self.code = code
        self.issues = tuple(issues)
        self.retryable = retryable
        """Whether the same call can succeed later."""
        self.status = status
        """The HTTP status, where there was an answer by HTTP."""
        self.retry_after = retry_after
        """How many seconds to wait before trying again, where the answer said so."""
        self.is_told = is_told
        """Whether featuregraph itself said so, and nobody between."""
        self.was_sent = was_sent
        """False where surely nobody has received any of the request."""


def invalid(path: str, message: str, fix: str) -> FeaturegraphError:
    """Input that is wrong before anything is sent."""
    issue = Issue(path, message, fix)
    return FeaturegraphError("INVALID_INPUT", "The input is not right.", issues=[issue])


def error_from(
    errors: Sequence[object], status: int | None = None, retry_after: float | None = None
) -> FeaturegraphError:
    """The errors of a GraphQL answer as one; the first one's code counts."""
    read = [cast("dict[str, Any]", one) if isinstance(one, dict) else {} for one in errors]
    extensions: list[dict[str, Any]] = [one.get("extensions") or {} for one in read]
    issues = [
        Issue(str(issue.get("path", "")), str(issue.get("message", "")), issue.get("fix"))
        for one in extensions
        for issue in cast("list[dict[str, Any]]", one.get("issues") or [])
    ]
    first = extensions[0] if extensions else {}
    return FeaturegraphError(
        str(first.get("code", "INTERNAL")),
        "\n".join(str(one.get("message", "The server failed.")) for one in read),
        issues=issues,
        retryable=status == 429 or first.get("retryable") is True,
        status=status,
        retry_after=retry_after,
        is_told=True,
    )


_STATUSES: dict[int, tuple[str, str, bool]] = {
    401: ("UNAUTHENTICATED", "asks for credentials: give an api_key", False),
    403: ("FORBIDDEN", "forbids this", False),
    404: ("NOT_FOUND", "has nothing at this address: is the path right?", False),
    408: ("TIMEOUT", "waited too long for the request", True),
    413: ("LIMIT_EXCEEDED", "takes no request as large as this: send less at a time", False),
    429: ("LIMIT_EXCEEDED", "was asked too often", True),
    502: ("UNAVAILABLE", "could not reach featuregraph", True),
    503: ("UNAVAILABLE", "is not available", True),
    504: ("TIMEOUT", "waited too long for featuregraph", True),
}


def error_of_status(address: str, status: int, retry_after: float | None) -> FeaturegraphError:
    """An answer that is none of featuregraph's: of a proxy, a gateway, or another server altogether."""
    other = ("UNAVAILABLE", "is no featuregraph", False)
    if status >= 400:
        other = ("BAD_REQUEST", "takes no such request", False)
    if status >= 500:
        other = ("INTERNAL", "failed", False)
    code, words, retryable = _STATUSES.get(status, other)
    message = f"{address} answers with status {status}: it {words}."
    return FeaturegraphError(code, message, status=status, retry_after=retry_after, retryable=retryable)
