import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from yowo_core.errors import CheckpointError
from yowo_core.weights.fetch import fetch

CONTENT = bytes(range(256)) * 12_000
SUM = hashlib.sha256(CONTENT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/none":
            self.send_error(404)
        else:
            self._send()

    def _send(self) -> None:
        self.send_response(200)
        if self.path != "/unstated":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.path == "/broken":
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            with suppress(ConnectionError):  # who asked may have gone
                self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class' name
        """Silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as made:
        made.daemon_threads = True
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def _refused(url: str, target: Path, match: str, **options: Any) -> None:
    """An error, nothing left behind, and a file that was there stays as it was."""
    target.write_bytes(b"before")
    with pytest.raises(CheckpointError, match=match):
        fetch(url, target, **options)
    assert [p.name for p in target.parent.iterdir()] == [target.name]
    assert target.read_bytes() == b"before"


def test_a_file_is_fetched_with_progress(server: str, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    target = tmp_path / "w.pth"
    found = fetch(f"{server}/w", target, progress=lambda done, total: told.append((done, total)))
    assert found == SUM
    assert target.read_bytes() == CONTENT
    assert [p.name for p in tmp_path.iterdir()] == ["w.pth"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(told) > 1


def test_a_right_checksum_in_capitals_and_no_stated_length(server: str, tmp_path: Path) -> None:
    told: list[int | None] = []
    target = tmp_path / "w"
    url = f"{server}/unstated"
    fetch(url, target, sha256=f" {SUM.upper()}", progress=lambda _, total: told.append(total))
    assert target.read_bytes() == CONTENT
    assert set(told) == {None}


def test_a_redirection_on_the_web_is_followed(server: str, tmp_path: Path) -> None:
    fetch(f"{server}/to/{server}/w", tmp_path / "w", sha256=SUM)
    assert (tmp_path / "w").stat().st_size == len(CONTENT)


def test_a_wrong_checksum_names_both(server: str, tmp_path: Path) -> None:
    other = "0" * 64
    _refused(f"{server}/w", tmp_path / "w", f"{SUM}, and {other} was expected", sha256=other)


def test_a_checksum_that_is_none_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    _refused("http://127.0.0.1:9/w", tmp_path / "w", "'abc' is no SHA-256", sha256="abc")


def test_a_broken_connection(server: str, tmp_path: Path) -> None:
    _refused(f"{server}/broken", tmp_path / "w", r"broke after 1,536,000 of 3,072,000 bytes")


def test_a_server_without_the_file(server: str, tmp_path: Path) -> None:
    _refused(f"{server}/none", tmp_path / "w", "answered 404 Not Found")


def test_no_server_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/w"
        _refused(url, tmp_path / "w", "could not be fetched")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "w.pth", ""])
def test_other_addresses_are_not_fetched(tmp_path: Path, url: str) -> None:
    _refused(url, tmp_path / "w", "only addresses that begin with https|is not allowed")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_a_redirection_out_of_the_web(server: str, tmp_path: Path, address: str) -> None:
    _refused(
        f"{server}/to/{address}",
        tmp_path / "w",
        "only addresses that begin with https|is not allowed",
    )


@pytest.mark.parametrize("path", ["w", "unstated"])
def test_a_file_that_is_too_large(server: str, tmp_path: Path, path: str) -> None:
    _refused(f"{server}/{path}", tmp_path / "w", "at most 1,000 are fetched", most_bytes=1000)


def test_breaking_off_leaves_nothing(server: str, tmp_path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(f"{server}/w", tmp_path / "w", progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such folder to put w into"):
        fetch("http://127.0.0.1:9/w", tmp_path / "none" / "w")
