"""A cache of its own for every test run; what is collected once serves all tests of a worker."""

import http.server
import os
import threading
from functools import partial
from pathlib import Path

import pytest

from ltcbook import data


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(session_cache, monkeypatch):
    monkeypatch.setenv("LTCBOOK_CACHE", str(session_cache))


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache of this test alone, and no LTCBOOK_DATA."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LTCBOOK_CACHE", str(folder))
    monkeypatch.delenv("LTCBOOK_DATA", raising=False)
    return folder


@pytest.fixture(scope="session")
def walker():
    """Twelve Walker2d rollouts, simulated once."""
    return data.simulate("walker2d", data.policies("walker2d"), 12, workers=1)


@pytest.fixture
def original_folder():
    """The folder that holds the original Walker2d files and MNIST."""
    named = os.environ.get("LTCBOOK_DATA", "")
    if not named or not Path(named, "walker2d_original", "rollouts.npz").is_file():
        pytest.skip("LTCBOOK_DATA does not name a folder with walker2d_original/rollouts.npz")
    return Path(named)


@pytest.fixture
def mirror(tmp_path):
    """A web server on this machine; returns its address and the folder that it serves."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    thread.join()
    server.server_close()
