from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from .errors import FeaturegraphError, Issue


@dataclass(frozen=True)
class Connection:
    """Where a server is, and who asks. `shown` holds no password."""

    shown: str
    graphql: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    retries: int
    takes_tickets: bool
    """Whether an address that is read without our headers gets to the server: nobody between asks for some."""

    def below(self, path: str) -> str:
        """Where a path is that the server names, as `/runs/…`."""
        return f"{self.shown}{path}"


def connection(
    url: str | None,
    api_key: str | None,
    headers: Mapping[str, str] | None,
    timeout: float,
    retries: int,
) -> Connection:
    """What is not given is read from FEATUREGRAPH_URL and FEATUREGRAPH_API_KEY. The path of a URL is kept."""
    written = url or os.environ.get("FEATUREGRAPH_URL") or "http://127.0.0.1:4000"
    key = api_key or os.environ.get("FEATUREGRAPH_API_KEY") or None
    parts = _parts(written)
    host = parts.netloc.rpartition("@")[2]
    root = parts.path.rstrip("/").removesuffix("/graphql")
    shown = f"{parts.scheme}://{host}{root}"
    query = f"?{parts.query}" if parts.query else ""
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if key is not None:
        sent.setdefault("authorization", f"Bearer {key}")
    elif parts.username is not None or parts.password is not None:
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        sent.setdefault("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    takes_tickets = set(sent) <= {"authorization"} and sent.get("authorization", "Bearer ").startswith("Bearer ")
    return Connection(shown, f"{shown}/graphql{query}", sent, timeout, retries, takes_tickets)


def _parts(written: str):
    try:
        parts = urlsplit(written)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts
    except ValueError:
        pass
    shown = written.rpartition("@")[2]
    issue = Issue("url", "must begin with http:// or https://", "Write it as http://127.0.0.1:4000.")
    raise FeaturegraphError("INVALID_INPUT", f'"{shown}" is no address of a server.', issues=[issue])
