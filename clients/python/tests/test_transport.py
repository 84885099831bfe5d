"""What a network does to calls: each test has a server of its own that answers as it says."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from urllib.parse import urlsplit

import polars
import pytest
from world import World

from featuregraph import Featuregraph, FeaturegraphError, connect

Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(answers: list[Answer], seen: list[dict[str, str]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def do_GET(self) -> None:
            seen.append({key.lower(): value for key, value in self.headers.items()})
            status, headers, body = answers[min(len(seen), len(answers)) - 1]
            self.send_response(status)
            for key, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


UNAVAILABLE: Answer = (503, {}, b"busy")
PLANNED: Answer = (200, {}, b'{"data":{"plan":{"steps":[],"grants":[],"issues":[],"notes":[],"jobs":[]}}}')
DELETED: Answer = (200, {}, b'{"data":{"cancelJob":null}}')


def test_asks_a_query_again() -> None:
    seen: list[dict[str, str]] = []
    with answering([UNAVAILABLE, UNAVAILABLE, PLANNED], seen) as url, connect(url, api_key="fg_k_s") as graph:
        assert graph.plan([]).is_empty
    assert len(seen) == 3
    assert seen[0]["authorization"] == "Bearer fg_k_s"


def test_asks_a_mutation_once() -> None:
    seen: list[dict[str, str]] = []
    with answering([UNAVAILABLE, DELETED], seen) as url, connect(url) as graph:
        with pytest.raises(FeaturegraphError) as failed:
            graph.jobs.cancel("x")
    assert (failed.value.code, failed.value.status, len(seen)) == ("UNAVAILABLE", 503, 1)


def test_asks_a_mutation_again_that_says_so() -> None:
    errors = {"errors": [{"message": "busy", "extensions": {"code": "CONFLICT", "retryable": True}}]}
    seen: list[dict[str, str]] = []
    refusal: Answer = (200, {}, json.dumps(errors).encode())
    with answering([refusal], seen) as url, connect(url, retries=1) as graph:
        with pytest.raises(FeaturegraphError, match="busy") as failed:
            graph.jobs.cancel("x")
    assert (failed.value.code, failed.value.retryable, len(seen)) == ("CONFLICT", True, 2)


def test_says_who_answers_what_is_no_featuregraph() -> None:
    with answering([(404, {}, b"<html>")], []) as url, connect(url) as graph:
        with pytest.raises(FeaturegraphError, match="is the path right"):
            graph.plan([])
    with connect("http://127.0.0.1:9", retries=0) as graph:
        with pytest.raises(FeaturegraphError, match="No server answers") as failed:
            graph.plan([])
    assert failed.value.code == "UNAVAILABLE"


def test_gives_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with connect(url, timeout=0.2, retries=0) as graph, pytest.raises(FeaturegraphError) as failed:
            graph.plan([])
    assert failed.value.code == "TIMEOUT"


def test_refuses_what_is_no_address() -> None:
    with pytest.raises(FeaturegraphError) as refused:
        connect("ftp://user:secret@example.com")
    assert refused.value.issues[0].path == "url"
    assert "secret" not in str(refused.value)


def test_scans_what_comes_whole_though_a_part_was_asked_for() -> None:
    file = io.BytesIO()
    polars.DataFrame({"n": [1, 2]}).write_parquet(file)
    addressed: Answer = (200, {}, b'{"data":{"trainingSet":{"download":"/runs/1?format=PARQUET&ticket=t"}}}')
    seen: list[dict[str, str]] = []
    with answering([addressed, (200, {}, file.getvalue())], seen) as url, connect(url) as graph:
        scanned = graph.training_set("any").scan()
    assert seen[1]["range"] == "bytes=0-0"
    assert scanned.collect()["n"].to_list() == [1, 2]
    assert len(seen) == 2


def test_takes_address_and_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    with answering([PLANNED], seen) as url:
        monkeypatch.setenv("FEATUREGRAPH_URL", f"{url}/")
        monkeypatch.setenv("FEATUREGRAPH_API_KEY", "fg_e_s")
        with connect() as graph:
            graph.plan([])
    assert seen[0]["authorization"] == "Bearer fg_e_s"


@contextmanager
def dropping(target: str, doomed: Callable[[int], bool]) -> Iterator[str]:
    """Passes bytes on; connections that are doomed, by their number, are reset at once."""
    to = urlsplit(target)
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(one: socket.socket, other: socket.socket) -> None:
        try:
            while chunk := one.recv(65536):
                other.sendall(chunk)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def accept() -> None:
        number = 0
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            number += 1
            if doomed(number):
                near.close()
                continue
            far = socket.create_connection((to.hostname, to.port))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def test_waits_over_lost_connections(graph: Featuregraph, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    [job] = graph.materialize(["driver_stats"])
    with dropping(graph.url, lambda number: number <= 4) as url, connect(url, retries=0) as shaky:
        [done] = shaky.jobs.wait(job, progress=True)
    assert done.state.value == "SUCCEEDED"
    assert "100% MATERIALIZE" in capsys.readouterr().err


def test_shows_how_far_jobs_are_in_a_notebook(
    graph: Featuregraph, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.jobs.wait(graph.materialize(["driver_stats"]))
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    graph.jobs.wait(graph.materialize(["driver_stats"]))
    assert "100% MATERIALIZE" in capsys.readouterr().err
    graph.jobs.wait(graph.materialize(["driver_stats"]), progress=False)
    assert capsys.readouterr().err == ""


def test_fails_as_the_job_did(graph: Featuregraph, world: World) -> None:
    jobs = list(graph.jobs.list())
    assert {job.state.value for job in jobs} == {"SUCCEEDED"}
    with pytest.raises(FeaturegraphError) as missing:
        graph.jobs.wait("nothing")
    assert missing.value.code == "NOT_FOUND"
