"""import ltcbook is quick, opens no connection and no display, and writes no file."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import textwrap

import ltcbook


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


def test_no_name_of_the_package_hides_one_of_its_modules() -> None:
    """``import ltcbook.a.b as p`` goes by attributes: each must be the module."""
    for found in pkgutil.walk_packages(ltcbook.__path__, "ltcbook."):
        parent, _, name = found.name.rpartition(".")
        module = importlib.import_module(parent)
        attribute = vars(module).get(name)
        assert attribute is None or inspect.ismodule(attribute), found.name


def test_wirings_are_imported_as_those_who_come_from_ncps_do():
    run("import ltcbook.nn.wirings as w; from ltcbook.wirings import NCP; assert NCP is w.NCP")


def test_import_does_not_import_pytorchs_compiler():
    """It takes as long as PyTorch itself."""
    run("import ltcbook, sys; assert 'torch._dynamo' not in sys.modules")
