"""The JavaScript is linted, formatted and type-checked by Biome and TypeScript, where they are."""

from __future__ import annotations

import subprocess

import pytest

from tests.book.helpers import ROOT

COMMANDS = {
    "biome": ("ci", "--error-on-warnings"),
    "tsc": ("--project", "jsconfig.json"),
}


@pytest.mark.parametrize("tool", COMMANDS)
def test_the_javascript_passes(tool: str) -> None:
    program = ROOT / "node_modules" / ".bin" / tool
    if not program.exists():
        pytest.skip(f"no {tool} here (npm ci): the JavaScript is NOT checked by it")
    done = subprocess.run(
        [program, *COMMANDS[tool]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
