"""Times how a training set becomes a frame; `bench/python-frames.ts` starts it beside a server."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import polars

import featuregraph as fg


def timed(what: str, read: Callable[[], Any]) -> None:
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        frame = read()
        best = min(best, time.perf_counter() - begun)
    height, width = frame.shape
    print(f"{what}: {height:,} rows x {width} columns in {best:.2f} s, {height / best / 1e6:.2f} M rows/s")


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


if __name__ == "__main__":
    main()
