"""Compare tests/bare/colab.txt with what Colab has today; end with 1 where they differ.

    python tools/colab.py

The weekly workflow runs it. It prints the lines that the file should have.
"""

import re
import sys
import urllib.request
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "tests" / "bare" / "colab.txt"
SOURCE = "https://raw.githubusercontent.com/googlecolab/backend-info/main/"


def published(name: str) -> str:
    """Return a file of Colab's list of what it has."""
    with urllib.request.urlopen(SOURCE + name, timeout=60) as answer:
        return str(answer.read().decode("utf-8"))


def now(kept: str, freeze: str, system: str) -> str:
    """Return the file ``kept``, with the Python and the releases of Colab's own two files."""
    # torch @ https://.../torch-2.11.0%2Bcpu-cp313-... names its release in its address.
    releases = dict(re.findall(r"^([\w-]+)==(\S+)$", freeze, re.MULTILINE))
    releases |= dict(re.findall(r"^(\w+) @ \S+/\w+-([\d.]+)", freeze, re.MULTILINE))
    python = re.search(r"Python (\d+\.\d+)", system)
    text = re.sub(r"(?m)^# Python .*$", f"# Python {python[1] if python else '?'}", kept)
    return re.sub(r"(?m)^([\w-]+)==.*$", lambda m: f"{m[1]}=={releases.get(m[1], '?')}", text)


def main() -> int:
    """Compare; print what is new."""
    kept = FILE.read_text(encoding="utf-8")
    new = now(kept, published("pip-freeze.txt"), published("os-info.txt"))
    if new != kept:
        print(new)
        return 1
    print("Colab has what the test has.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
