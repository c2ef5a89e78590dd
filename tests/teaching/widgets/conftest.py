"""A real browser, and node, for the interactive pieces."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ltcbook.teaching.widgets.front_end import BookWidget
from tests.book.helpers import give_up

HERE = Path(__file__).parent
FRONT_ENDS = HERE.parents[2] / "ltcbook" / "teaching" / "widgets"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>widget</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0"><main id="widget"></main></body></html>"""


@pytest.fixture(scope="session")
def node() -> Callable[[str, Any], Any]:
    """``node(script, data)``: run an ES module that gets ``data`` and prints JSON; return it."""
    program = shutil.which("node")
    if program is None:
        give_up("no node here (Debian: apt-get install nodejs): the JavaScript is NOT tested")

    def run(script: str, data: Any) -> Any:
        text = f"const data = JSON.parse(await new Response(process.stdin).text());\n{script}"
        done = subprocess.run(
            [program, "--input-type=module", "--eval", text],
            input=json.dumps(data),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def front_ends() -> Path:
    """The folder of the JavaScript modules."""
    return FRONT_ENDS


@pytest.fixture
def mounted(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """``mounted(widget, width=900, ...)``: a page, opened from a file, with the widget in it.

    The page has the front end on an in-memory model, as the built book has it: no kernel, and no
    network. ``page.complaints`` collects every error of the console and every foreign request.
    """
    contexts = []

    def mount(
        widget: BookWidget, width: int = 900, theme: str = "light", query: str = "", **options: Any
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 1000}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: page.complaints.append(line.text) if line.type == "error" else None,
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "blob:", "data:"))
                else page.complaints.append(request.url)
            ),
        )
        file = tmp_path / "page.html"
        file.write_text(PAGE, encoding="utf-8")
        page.goto(file.as_uri() + query)
        state = {k: v for k, v in widget.get_state().items() if not k.startswith("_model")}
        helper = (HERE / "in_memory_model.js").read_text(encoding="utf-8")
        page.evaluate(
            """async ({helper, state, theme}) => {
                document.documentElement.dataset.theme = theme;
                document.body.style.background = theme === "dark" ? "#121212" : "#ffffff";
                const url = URL.createObjectURL(new Blob([helper], {type: "text/javascript"}));
                const {mount} = await import(url);
                const el = document.getElementById("widget");
                Object.assign(window, await mount(el, state));
            }""",
            {"helper": helper, "state": json.loads(json.dumps(state, default=str)), "theme": theme},
        )
        return page

    yield mount
    for context in contexts:
        context.close()
