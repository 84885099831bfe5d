"""Waiting for jobs, over lost connections and restarts of the server."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any, cast

from .errors import FeaturegraphError
from .generated.fragments import JobHead
from .transport import BoundOperations, Transport

_PATIENCE = 60.0
_FIRST, _LONGEST = 0.02, 1.0


class Progress:
    """One line that says how far jobs are; shown where somebody looks, or as asked."""

    def __init__(self, wanted: bool | None) -> None:
        # Jupyter's output is no terminal, but goes back to a line's beginning as one.
        self._shown = sys.stderr.isatty() or "ipykernel" in sys.modules if wanted is None else wanted
        self._last = ""

    def show(self, jobs: Sequence[JobHead]) -> None:
        if not self._shown or not jobs:
            return
        line = progress_line(jobs)
        if line != self._last:
            sys.stderr.write(f"\r{line.ljust(len(self._last))}")
            sys.stderr.flush()
            self._last = line

    def end(self) -> None:
        if self._last:
            sys.stderr.write("\n")
            sys.stderr.flush()


def progress_line(jobs: Sequence[JobHead]) -> str:
    share = sum(_share(job) for job in jobs) / len(jobs)
    full = round(share * 24)
    running = next((job for job in jobs if job.state.value == "RUNNING"), jobs[0])
    rows = f" {int(running.rows_done):,} rows" if running.rows_done else ""
    what = f"{running.kind.value} {running.ref or ''}".strip()
    return f"{'█' * full}{'░' * (24 - full)} {share:4.0%} {what} {running.stage or running.state.value.lower()}{rows}"


def _share(job: JobHead) -> float:
    if not is_unfinished(job):
        return 1.0
    return min(0.99, job.rows_done / job.rows_expected) if job.rows_expected else 0.0


def is_unfinished(job: JobHead) -> bool:
    return job.state.value in ("PENDING", "RUNNING")


async def ended(
    operations: BoundOperations,
    transport: Transport,
    ids: Sequence[str],
    *,
    timeout: float | None = None,
    progress: bool | None = False,
) -> list[JobHead]:
    """
    All of these jobs, once they have ended. Fails as the first that did not succeed did, with TIMEOUT after `timeout`
    seconds, and where the server can't be reached for a minute.
    """
    if not ids:
        return []
    begun = seen = time.monotonic()
    rest, bar = _FIRST, Progress(progress)
    try:
        while True:
            try:
                jobs = await _asked(operations, ids)
                seen = time.monotonic()
            except FeaturegraphError as error:
                if not error.retryable or time.monotonic() - seen > _PATIENCE:
                    raise
                jobs = None
            if jobs is not None:
                bar.show(jobs)
                if not any(is_unfinished(job) for job in jobs):
                    return _succeeded(jobs)
            if timeout is not None and time.monotonic() - begun + rest > timeout:
                message = f"The jobs have not ended within {timeout:g} seconds. They go on."
                raise FeaturegraphError("TIMEOUT", message, retryable=True)
            await transport.wire.sleep(rest)
            rest = min(_LONGEST, rest * 1.5)
    finally:
        bar.end()


async def _asked(operations: BoundOperations, ids: Sequence[str]) -> list[JobHead]:
    found: dict[str, JobHead] = {}
    for at in range(0, len(ids), 100):
        part = list(ids[at : at + 100])
        page = await operations.jobs(cast("Any", {"ids": part}), first=100)
        found.update({edge.node.id: edge.node for edge in page.edges})
    for id in ids:
        if id not in found:
            raise FeaturegraphError("NOT_FOUND", f'There is no job "{id}".')
    return [found[id] for id in ids]


def _succeeded(jobs: list[JobHead]) -> list[JobHead]:
    for job in jobs:
        if job.state.value == "SUCCEEDED":
            continue
        why = job.error.message if job.error else (job.reason or "nothing is said of why")
        how = "failed" if job.state.value == "FAILED" else "was cancelled"
        what = f"{job.kind.value} of {job.ref}" if job.ref else job.kind.value
        code = job.error.code if job.error else "CANCELLED"
        raise FeaturegraphError(code, f"{what} {how}: {why}")
    return jobs
