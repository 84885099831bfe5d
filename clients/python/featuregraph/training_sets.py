"""The rows of a training set, as frames."""

from __future__ import annotations

import io
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Literal, cast

from . import frames
from .errors import FeaturegraphError, invalid
from .generated.fragments import JobHead
from .transport import BoundOperations, Sink, Transport, run

if TYPE_CHECKING:
    import pandas
    import polars

Part = Literal["TRAIN", "VALIDATION", "TEST"]
FrameLibrary = Literal["polars", "pandas", "arrow"]


class AsyncTrainingSetRows:
    """
    The rows of a training set's latest run, or one part of them; nothing is asked before a call. Calls fail with
    NOT_FOUND where it is not registered, and with NOT_READY before its first run.
    """

    def __init__(self, operations: BoundOperations, transport: Transport, ref: str, part: Part | None = None) -> None:
        self._operations = operations
        self._transport = transport
        self.ref = ref
        self.part = part

    def split(self, part: Part | str) -> AsyncTrainingSetRows:
        """The rows of one part: TRAIN, VALIDATION or TEST."""
        return AsyncTrainingSetRows(self._operations, self._transport, self.ref, part_of(part))

    async def to_polars(self) -> polars.DataFrame:
        return frames.polars_of_parquet(await self._file())

    async def scan(self, *, expires_in: str = "1h") -> polars.LazyFrame:
        """
        A lazy frame that reads, by ranges, only the columns and rows that are needed, for as long as `expires_in` says:
        polars sends no credentials, so it gets an address that asks for none. The whole is downloaded at once where the
        store keeps no file of it, for one part of a split, and where `headers` say who asks.
        """
        polars, connection = frames.library("polars"), self._transport.connection
        if self.part is not None or not connection.takes_tickets:
            return polars.scan_parquet(await self._file())
        path, file = await self._path("PARQUET", expires_in), io.BytesIO()
        if await self._transport.comes_in_parts(path, file):
            return polars.scan_parquet(connection.below(path), glob=False)
        file.seek(0)
        return polars.scan_parquet(file)

    async def to_arrow(self) -> Any:
        """A table of pyarrow."""
        return frames.arrow_of_parquet(await self._file())

    async def to_pandas(self) -> pandas.DataFrame:
        """Whole numbers and booleans are of nullable types: none becomes a float because of a null."""
        return frames.pandas_of_arrow(await self.to_arrow())

    async def batches(self, size: int, frame: FrameLibrary = "polars") -> AsyncIterator[Any]:
        """Frames of `size` rows each, the last of what is left. The rows are in a temporary file meanwhile."""
        _check(size)
        with tempfile.TemporaryFile(suffix=".parquet") as file:
            await self.download(cast("Sink", file))
            file.seek(0)
            for batch in _cut(file, size, frame):
                yield batch

    async def download(self, sink: Sink, format: Literal["PARQUET", "ARROW", "CSV", "JSONL"] = "PARQUET") -> None:
        """All rows as a file, written to an open one."""
        await self._transport.download(await self._path(format), sink)

    async def _path(self, format: str, expires_in: str | None = None) -> str:
        part = cast("Any", self.part)
        found = await self._operations.training_set_download(self.ref, cast("Any", format), part, expires_in)
        if found is None:
            raise FeaturegraphError("NOT_FOUND", f'training set "{self.ref}" is not registered.')
        if found.download is None:
            raise FeaturegraphError("NOT_READY", f'"{self.ref}" has no rows yet.', retryable=True)
        return found.download

    async def build(self, refresh: Literal["STALE", "ALL", "NONE"] = "STALE") -> JobHead:
        """Starts a new run, of the data of now."""
        return await self._operations.build_training_set(self.ref, cast("Any", refresh))

    async def _file(self) -> io.BytesIO:
        file = io.BytesIO()
        await self.download(file)
        file.seek(0)
        return file


class TrainingSetRows:
    """
    The rows of a training set's latest run, or one part of them; nothing is asked before a call. Calls fail with
    NOT_FOUND where it is not registered, and with NOT_READY before its first run.
    """

    def __init__(self, rows: AsyncTrainingSetRows) -> None:
        self._rows = rows
        self.ref = rows.ref
        self.part = rows.part

    def split(self, part: Part | str) -> TrainingSetRows:
        """The rows of one part: TRAIN, VALIDATION or TEST."""
        return TrainingSetRows(self._rows.split(part))

    def to_polars(self) -> polars.DataFrame:
        return run(self._rows.to_polars())

    def scan(self, *, expires_in: str = "1h") -> polars.LazyFrame:
        """
        A lazy frame that reads, by ranges, only the columns and rows that are needed, for as long as `expires_in` says:
        polars sends no credentials, so it gets an address that asks for none. The whole is downloaded at once where the
        store keeps no file of it, for one part of a split, and where `headers` say who asks.
        """
        return run(self._rows.scan(expires_in=expires_in))

    def to_arrow(self) -> Any:
        """A table of pyarrow."""
        return run(self._rows.to_arrow())

    def to_pandas(self) -> pandas.DataFrame:
        """Whole numbers and booleans are of nullable types: none becomes a float because of a null."""
        return run(self._rows.to_pandas())

    def batches(self, size: int, frame: FrameLibrary = "polars") -> Iterator[Any]:
        """Frames of `size` rows each, the last of what is left. The rows are in a temporary file meanwhile."""
        return in_turn(self._rows.batches(size, frame))

    def download(self, sink: Sink, format: Literal["PARQUET", "ARROW", "CSV", "JSONL"] = "PARQUET") -> None:
        """All rows as a file, written to an open one."""
        run(self._rows.download(sink, format))

    def build(self, refresh: Literal["STALE", "ALL", "NONE"] = "STALE") -> JobHead:
        """Starts a new run, of the data of now."""
        return run(self._rows.build(refresh))


def in_turn(items: AsyncIterator[Any]) -> Iterator[Any]:
    """What an iterator that waits by blocking gives, one by one."""

    async def following() -> object:
        return await anext(items, _END)

    try:
        while (item := run(following())) is not _END:
            yield item
    finally:
        if hasattr(items, "aclose"):
            run(cast("Any", items).aclose())


_END = object()


def part_of(text: str) -> Part:
    part = text.upper()
    if part not in ("TRAIN", "VALIDATION", "TEST"):
        raise invalid("split", f'"{text}" is no part of a split.', "There are TRAIN, VALIDATION, TEST.")
    return part


def _check(size: int) -> None:
    if size < 1:
        raise invalid("size", f"is {size}.", "Ask for one row at least.")


def _cut(file: Any, size: int, frame: FrameLibrary) -> Iterator[Any]:
    if frame == "polars":
        yield from _polars_cut(file, size)
        return
    rest: Any = None
    arrow = frames.library("pyarrow")

    def finished(table: Any) -> Any:
        return table if frame == "arrow" else frames.pandas_of_arrow(table)

    for batch in frames.library("pyarrow.parquet").ParquetFile(file).iter_batches(size):
        table = arrow.Table.from_batches([batch])
        rest = table if rest is None else arrow.concat_tables([rest, table])
        while len(rest) >= size:
            yield finished(rest.slice(0, size))
            rest = rest.slice(size)
    if rest is not None and len(rest) > 0:
        yield finished(rest)


def _polars_cut(file: Any, size: int) -> Iterator[Any]:
    polars = frames.library("polars")
    rows = polars.scan_parquet(file)
    for at in range(0, rows.select(polars.len()).collect().item(), size):
        yield rows.slice(at, size).collect()
