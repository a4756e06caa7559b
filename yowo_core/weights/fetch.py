"""Fetches a file from the web when a person asked for it: with progress, bounds and checksum."""

import hashlib
import http.client
import re
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from yowo_core.errors import CheckpointError

MOST_BYTES = 8 << 30
PATIENCE_S = 30.0  # without a single byte
_PART = 1 << 20

Progress = Callable[[int, int | None], None]


def fetch(
    url: str,
    target: Path,
    *,
    sha256: str = "",
    progress: Progress | None = None,
    most_bytes: int = MOST_BYTES,
) -> str:
    """Fetch an http or https address to a file; gives the SHA-256 of what came.

    progress is called with bytes so far and bytes in all (None when the server does not say).
    The file is written beside the target and takes its place only when it is whole and its
    checksum, if one was given, is right; until then a file that was there stays.

    Raises CheckpointError, and leaves nothing behind, for another kind of address (also in a
    redirection), an answer that is no file, a broken connection, a file that is too large, or a
    wrong checksum.
    """
    wanted = sha256.strip().lower()
    if wanted and not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise CheckpointError(f"{sha256[:80]!r} is no SHA-256: that has 64 digits 0-9 and a-f.")
    _check_address(url)
    if not target.parent.is_dir():
        raise CheckpointError(f"{target.parent}: no such folder to put {target.name} into.")
    try:
        return _fetched(url, target, wanted, progress, most_bytes)
    except urllib.error.HTTPError as error:
        error.close()
        raise CheckpointError(
            f"{url}: the server answered {error.code} {error.reason}. Check the address."
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise CheckpointError(
            f"{url} could not be fetched ({reason}). Nothing was kept. Try again later."
        ) from error


def _check_address(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise CheckpointError(f"{url} is no web address ({error}).") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise CheckpointError(
            f"{url}: only addresses that begin with https:// or http:// are fetched."
        )


class _Redirection(urllib.request.HTTPRedirectHandler):
    """Follows only where a person's own address could lead, and never out of encryption."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """The next request; CheckpointError for an address that is not fetched."""
        _check_address(newurl)
        if req.full_url.lower().startswith("https:") and newurl.lower().startswith("http:"):
            raise CheckpointError(f"{req.full_url} leads to {newurl}, which is not encrypted.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Web addresses only: an ordinary opener reads files and FTP as well."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _Redirection,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "yowo-studio")]
    return opener


def _fetched(
    url: str, target: Path, wanted: str, progress: Progress | None, most_bytes: int
) -> str:
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", suffix=".part", delete=False
    ) as part:
        beside = Path(part.name)
        try:
            with _opener().open(url, timeout=PATIENCE_S) as answer:
                found = _copied(url, answer, part, progress, most_bytes)
            _check_sum(url, found, wanted)
            part.close()
            beside.replace(target)
        finally:
            part.close()
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    return found


def _copied(
    url: str, answer: Any, part: IO[bytes], progress: Progress | None, most_bytes: int
) -> str:
    """Copy the answer's body to its end; the SHA-256 of it."""
    stated = answer.headers.get("Content-Length")
    total = int(stated) if stated is not None else None
    if total is not None and total > most_bytes:
        raise _too_large(url, total, most_bytes)
    done, digest = 0, hashlib.sha256()
    while data := answer.read(_PART):
        done += len(data)
        if done > most_bytes:
            raise _too_large(url, done, most_bytes)
        digest.update(data)
        part.write(data)
        if progress:
            progress(done, total)
    if total is not None and done != total:
        raise CheckpointError(
            f"{url}: the connection broke after {done:,} of {total:,} bytes. "
            "Nothing was kept. Try again."
        )
    return digest.hexdigest()


def _too_large(url: str, size: int, most_bytes: int) -> CheckpointError:
    return CheckpointError(
        f"{url} sends {size:,} bytes or more; at most {most_bytes:,} are fetched. "
        "Check the address, or download the file yourself."
    )


def _check_sum(url: str, found: str, wanted: str) -> None:
    if wanted and found != wanted:
        raise CheckpointError(
            f"{url} is not the file that was meant: its SHA-256 is {found}, and {wanted} was "
            "expected. Nothing was kept. Check both, then try again."
        )
