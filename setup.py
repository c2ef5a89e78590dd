"""What pyproject.toml can't say: a built package has the measured results, of `results/`."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithResults(build_py):
    """Builds the package, and lays a copy of the results into it."""

    def run(self) -> None:
        """Build; a package that is installed for editing reads the checkout's own folder."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "ltcbook", "results")
            shutil.copytree("results", target, dirs_exist_ok=True)


setup(cmdclass={"build_py": WithResults})
