"""import ltcbook is quick, opens no connection and no display, and writes no file."""

import subprocess
import sys
import textwrap


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_opens_no_connection_and_no_file_for_writing():
    run("""
        import sys
        def watch(event, arguments):
            if event.startswith("socket.") and event != "socket.gethostname":
                raise RuntimeError(event)
            if event == "open" and arguments[1] is not None and set(arguments[1]) & set("wax+"):
                if "__pycache__" not in str(arguments[0]):
                    raise RuntimeError(f"opened {arguments[0]} for writing")
        import torch
        sys.addaudithook(watch)
        import ltcbook
    """)


def test_import_adds_no_heavy_library_to_torch():
    """Under a second beyond torch: what is heavy is imported where it is used."""
    loaded = run("""
        import sys, torch
        before = set(sys.modules)
        import ltcbook
        print(" ".join(set(sys.modules) - before))
    """).split()
    heavy = {
        "matplotlib",
        "numba",
        "mujoco",
        "gymnasium",
        "scipy",
        "torchdiffeq",
        "IPython",
        "stable_baselines3",
        "jax",
        "anywidget",
        "ipywidgets",
    }
    assert heavy.isdisjoint(loaded)
