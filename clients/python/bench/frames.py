"""Times how frames come and go; `bench/python-frames.ts` starts it beside a server."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import polars

import featuregraph as fg
from featuregraph import frames

REPEATS = int(os.environ.get("REPEATS", "3"))
SENT = 100_000


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def timed(what: str, read: Callable[[], Any]) -> None:
    best = min(seconds(read) for _ in range(REPEATS))
    height, width = read().shape
    print(f"{what}: {height:,} rows x {width} columns in {best:.2f} s, {height / best / 1e6:.2f} M rows/s")


def compared(what: str, work: Callable[[], Any]) -> None:
    """The same by Arrow and by JSON, in turns."""
    by_arrow = frames.arrow_of
    arrow, json = float("inf"), float("inf")
    for _ in range(REPEATS):
        arrow = min(arrow, seconds(work))
        frames.arrow_of = lambda *_: None  # type: ignore[assignment]
        json = min(json, seconds(work))
        frames.arrow_of = by_arrow
    rates = f"{SENT / arrow:,.0f} rows/s by Arrow, {SENT / json:,.0f} by JSON"
    print(f"{what}: {SENT:,} rows, {rates}: {json / arrow:.1f} times as many")


def sent() -> polars.DataFrame:
    """Keys, times, and six features."""
    begun = datetime(2024, 1, 1, tzinfo=timezone.utc)
    numbers = polars.int_range(SENT, eager=True)
    columns = {f"n{at}": (numbers * (at + 1)).cast(polars.Float64) / 7 for at in range(3)}
    columns |= {f"w{at}": "word " + (numbers % (100 + at)).cast(polars.String) for at in range(3)}
    at = [begun + timedelta(milliseconds=number) for number in numbers]
    return polars.DataFrame({"user_id": numbers, "at": at, **columns})


def main() -> None:
    with fg.connect() as graph:
        rows = graph.training_set("wide")
        timed("polars", rows.to_polars)
        timed("pandas", rows.to_pandas)
        timed("polars, 3 columns by ranges", lambda: rows.scan().select("user_id", "value", "latest").collect())
        file = io.BytesIO()
        begun = (time.perf_counter(), time.process_time())
        rows.download(file)
        wall, busy = time.perf_counter() - begun[0], time.process_time() - begun[1]
        size = len(file.getvalue()) / 1e6
        print(f"download: {size:,.0f} MB in {wall:.2f} s, of which the client works {busy:.2f} s")
        timed("polars, of a file in memory", lambda: polars.read_parquet(io.BytesIO(file.getvalue())))
        frame = sent()
        compared("push of 8 columns", lambda: graph.push("pushed", frame))
        spine = frame.select("user_id", "at")
        compared("history of one feature", lambda: graph.historical(spine, ["of_user:c0"]))


if __name__ == "__main__":
    main()
