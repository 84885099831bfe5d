from __future__ import annotations

import asyncio
import io
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from json import dumps, loads
from typing import Any, Protocol, TypeVar, cast

import httpx

from .connection import Connection
from .errors import FeaturegraphError, error_from, error_of_status
from .generated.async_base_client import Response
from .generated.base_model import Upload
from .generated.client import Operations

T = TypeVar("T")
_JSON = {"accept": "application/json", "content-type": "application/json"}


def _form(data: Any, files: Any) -> tuple[dict[str, str], bytes]:
    """A form whose files are read once, so that it can be sent again; with the header that no other page can send."""
    form = httpx.Request("POST", "http://form", data=data, files=files)
    headers = {"accept": "application/json", "content-type": form.headers["content-type"]}
    return {**headers, "apollo-require-preflight": "true"}, form.read()


def upload(content: bytes) -> Any:
    """A table of Arrow in the place of rows."""
    return Upload("rows.arrow", io.BytesIO(content), "application/vnd.apache.arrow.stream")


class Sink(Protocol):
    """Where a download goes; one that is tried again begins anew."""

    def write(self, chunk: bytes, /) -> object: ...
    def seek(self, position: int, /) -> object: ...
    def truncate(self) -> object: ...


def run(coroutine: Coroutine[object, object, T]) -> T:
    """Runs what waits by blocking: a coroutine of a `BlockingWire` never gives control away."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    coroutine.close()
    raise RuntimeError("a blocking call gave control away")


class Answer:
    """What a request was answered with."""

    def __init__(self, status: int, headers: httpx.Headers, content: bytes) -> None:
        self.status_code = status
        self.headers = headers
        self.content = content

    def json(self, **_: Any) -> Any:
        return loads(self.content)


class Wire(Protocol):
    """One way to send, and to wait."""

    async def send(self, request: Request) -> Answer: ...
    async def sleep(self, seconds: float) -> None: ...
    async def close(self) -> None: ...


class Request:
    """What is sent. With a sink, the body of an answer that succeeded goes there and not into the answer."""

    def __init__(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, sink: Sink | None
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.sink = sink
        self.seconds = 0.0


class BlockingWire:
    def __init__(self) -> None:
        self._http = httpx.Client(follow_redirects=False)

    async def send(self, request: Request) -> Answer:
        with self._http.stream(
            request.method,
            request.url,
            headers=request.headers,
            content=request.content,
            timeout=request.seconds,
        ) as answer:
            if request.sink is None or not answer.is_success:
                return Answer(answer.status_code, answer.headers, answer.read())
            for chunk in answer.iter_raw():
                request.sink.write(chunk)
            return Answer(answer.status_code, answer.headers, b"")

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def close(self) -> None:
        self._http.close()


class AsyncWire:
    def __init__(self) -> None:
        self._http = httpx.AsyncClient(follow_redirects=False)

    async def send(self, request: Request) -> Answer:
        async with self._http.stream(
            request.method,
            request.url,
            headers=request.headers,
            content=request.content,
            timeout=request.seconds,
        ) as answer:
            if request.sink is None or not answer.is_success:
                return Answer(answer.status_code, answer.headers, await answer.aread())
            async for chunk in answer.aiter_raw():
                request.sink.write(chunk)
            return Answer(answer.status_code, answer.headers, b"")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        await self._http.aclose()


class Transport:
    """Requests by HTTP, tried again where that is safe: what the generated client sends through."""

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self.connection = connection
        self.wire = wire

    async def post(
        self,
        url: Any,
        json: Any | None = None,
        data: Any | None = None,
        files: Any | None = None,
        headers: Any | None = None,
        **kwargs: Any,
    ) -> Response:
        if files is None:
            form, body = _JSON, dumps(json).encode()
        else:
            form, body = _form(data, files)
        request = Request("POST", str(url), {**form, **(headers or {}), **self.connection.headers}, body, None)
        return await self._insist(kwargs.get("is_query") is True, lambda: self._ask(request))

    async def download(self, path: str, sink: Sink) -> None:
        """The whole of a file that the server named. One that is cut is asked for again."""
        await self._download(path, sink, {})

    async def comes_in_parts(self, path: str, sink: Sink) -> bool:
        """Whether a file can be asked for in ranges; one that can't be is in the sink then, whole."""
        return await self._download(path, sink, {"range": "bytes=0-0"}) == 206

    async def _download(self, path: str, sink: Sink, headers: dict[str, str]) -> int:
        asked = {"accept-encoding": "identity", **headers, **self.connection.headers}
        request = Request("GET", self.connection.below(path), asked, None, sink)

        async def attempt() -> int:
            sink.seek(0)
            sink.truncate()
            answer = await self._sent(request)
            if not 200 <= answer.status_code <= 299:
                raise refused_download(self.connection.shown, answer)
            return answer.status_code

        return await self._insist(True, attempt)

    async def close(self) -> None:
        await self.wire.close()

    async def aclose(self) -> None:
        await self.close()

    async def _ask(self, request: Request) -> Answer:
        answer = await self._sent(request)
        raise_for(self.connection.shown, answer)
        return answer

    async def _sent(self, request: Request) -> Answer:
        shown = self.connection.shown
        request.seconds = self.connection.timeout
        try:
            return await self.wire.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as cause:
            raise FeaturegraphError(
                "UNAVAILABLE", f"No server answers at {shown}.", retryable=True, was_sent=False
            ) from cause
        except httpx.TimeoutException as cause:
            message = f"There was no answer within {self.connection.timeout:g} seconds."
            raise FeaturegraphError("TIMEOUT", message, retryable=True) from cause
        except httpx.TransportError as cause:
            message = f"The connection to {shown} was lost."
            raise FeaturegraphError("UNAVAILABLE", message, retryable=True) from cause

    async def _insist(self, is_query: bool, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries until it succeeds, or trying again is of no use, or there is no more time."""
        ends = time.monotonic() + self.connection.timeout
        failed = 0
        while True:
            try:
                return await attempt()
            except FeaturegraphError as error:
                failed += 1
                rest = max(delay(failed), error.retry_after or 0)
                out_of_time = time.monotonic() + rest > ends
                if failed > self.connection.retries or out_of_time or not may_retry(error, is_query):
                    raise
                await self.wire.sleep(rest)


class BoundOperations(Operations):
    """The generated operations over a `Transport`, which has made exceptions of everything that is no answer."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(url=transport.connection.graphql, http_client=transport)

    async def execute(
        self,
        query: str,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Response:
        # Whatever speaks of a mutation may be one.
        is_query = re.search(r"\bmutation\b", query) is None
        return await super().execute(query, operation_name, variables, is_query=is_query, **kwargs)

    def get_data(self, response: Response) -> dict[str, Any]:
        return cast("dict[str, Any]", response.json()["data"])


def delay(attempt: int) -> float:
    """Seconds before trying for the nth time again, drawn at random so that not all come at once."""
    return min(5.0, 0.1 * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)


def may_retry(error: FeaturegraphError, is_query: bool) -> bool:
    """
    A query changes nothing, so it may be asked twice; a mutation only where it was surely not received, or where
    featuregraph itself says that trying again can help.
    """
    if not error.retryable or error.code == "NOT_READY":
        return False
    return is_query or error.status == 429 or error.is_told or not error.was_sent


def retry_after(headers: httpx.Headers) -> float | None:
    """`Retry-After`, in seconds or as a date."""
    written = headers.get("retry-after")
    if written is None:
        return None
    if written.isdigit():
        return float(written)
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None


def raise_for(shown: str, answer: Answer) -> None:
    """Fails where an answer has no data."""
    status, after = answer.status_code, retry_after(answer.headers)
    try:
        read: object = answer.json()
    except ValueError:
        read = None
    fields = cast("dict[str, object]", read) if isinstance(read, dict) else {}
    errors = fields.get("errors")
    if isinstance(errors, list) and errors:
        raise error_from(cast("list[object]", errors), status, after)
    if not (200 <= status <= 299 and isinstance(fields.get("data"), dict)):
        raise error_of_status(shown, status, after)


def refused_download(shown: str, answer: Answer) -> FeaturegraphError:
    """Downloads answer with an error's own fields."""
    status, after = answer.status_code, retry_after(answer.headers)
    try:
        said: object = answer.json()
    except ValueError:
        said = None
    fields = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    if not isinstance(fields.get("code"), str):
        return error_of_status(shown, status, after)
    return error_from([{"message": fields.get("message"), "extensions": fields}], status, after)
