"""The command line: ``ltcbook …`` or ``python -m ltcbook …``.

Each command lives beside what it commands; this file only gathers them. Bad input gets one line
on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from functools import partial
from typing import Any, NoReturn

from ltcbook import __version__
from ltcbook.nn.zoo import MODELS, build, count_letters, count_parameters

ROOMS = {
    "data": "ltcbook.data.cli",
    "train": "ltcbook.training.cli",
    "run": "ltcbook.experiments.cli",
    "bench": "ltcbook.experiments.bench.cli",
    "doctor": "ltcbook.doctor",
}
"""Commands that need more than the core, and where they are."""

SIZE = {"input_size": 27, "hidden_size": 32, "output_size": 27}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser().parse_args(words)
        code: int | None = options.run(options)
    except (ValueError, TypeError, OSError) as error:
        return _refuse(error, "--json" in words)
    except ImportError as error:  # it names the extra to install
        return _refuse(error, "--json" in words)
    except KeyboardInterrupt as stop:
        print(": ".join(["ltcbook: interrupted", *map(str, stop.args)]), file=sys.stderr)
        return 130
    return code or 0


def _refuse(error: Exception, as_json: bool) -> int:
    """Say what was wrong: one line for a person, an object for a program."""
    if as_json:
        print(json.dumps({"error": {"kind": type(error).__name__, "message": str(error)}}))
    else:
        usage = error.usage if isinstance(error, UsageError) else ""
        print(f"{usage}ltcbook: {error}", file=sys.stderr)
    return 2


class UsageError(ValueError):
    """A command line that cannot be read."""

    usage = ""


class _HelpFormatter(argparse.HelpFormatter):
    """Tells the default of each option whose help does not."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help
        switch = action.nargs == 0 or action.default in (None, argparse.SUPPRESS)
        if text is None or switch or not action.option_strings or "default:" in text:
            return text
        return f"{text} (default: %(default)s)"


class _Parser(argparse.ArgumentParser):
    """Help with defaults; errors are raised, so that all of them leave by one door."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _HelpFormatter, **options})

    def error(self, message: str) -> NoReturn:
        error = UsageError(message)
        error.usage = self.format_usage()
        raise error


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="ltcbook",
        description=(__doc__ or "").splitlines()[0],
        epilog=_environment(),
    )
    parser.add_argument("--version", action="version", version=f"ltcbook {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    listing = commands.add_parser("models", help="the named models of both papers")
    listing.add_argument("--json", action="store_true", help="for a program to read, errors too")
    listing.set_defaults(run=_models)

    count = commands.add_parser("count", help="the parameters of a model")
    count.add_argument("model", help="a name of 'ltcbook models' or a type descriptor")
    for name, letter in zip(SIZE, ("inputs, m", "neurons, n", "outputs, o"), strict=True):
        flag = f"--{name.replace('_', '-')}"
        count.add_argument(flag, type=int, default=SIZE[name], help=f"number of {letter}")
    count.add_argument(
        "--input-map",
        choices=("linear", "synaptic", "preactivation"),
        help="how the input enters (default: linear)",
    )
    count.add_argument("--json", action="store_true", help="for a program to read, errors too")
    count.set_defaults(run=_count)

    for name, module in ROOMS.items():
        try:
            importlib.import_module(module).add_parser(commands)
        except ModuleNotFoundError as error:  # the core alone is installed
            absent = commands.add_parser(name, help=str(error), add_help=False)
            absent.add_argument("words", nargs=argparse.REMAINDER)
            absent.set_defaults(run=partial(_absent, error))
    return parser


def _environment() -> str:
    """The variables that the commands look at, and the cache's folder now."""
    try:
        from ltcbook.data.cache import CACHE_VARIABLE, DATA_VARIABLE, cache_directory
    except ModuleNotFoundError as error:
        return str(error)
    return (
        f"Environment: {CACHE_VARIABLE} names the folder of downloaded and generated data "
        f"(now {cache_directory()}); {DATA_VARIABLE} one with public files that are at hand."
    )


def _absent(error: ModuleNotFoundError, _: argparse.Namespace) -> NoReturn:
    raise error


def _models(options: argparse.Namespace) -> None:
    rows = [
        {
            "name": model.name,
            "descriptor": str(model.descriptor or ""),
            "input_maps": list(model.input_maps),
            "source": model.source,
            "chapter": model.chapter,
            "summary": model.summary,
        }
        for model in MODELS.values()
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(f"{row['name']:<12} {row['source']:<16} {row['summary']}")


def _count(options: argparse.Namespace) -> None:
    sizes = {"input_size": options.input_size, "hidden_size": options.hidden_size}
    total = count_parameters(
        options.model, **sizes, output_size=options.output_size, input_map=options.input_map
    )
    network = build(
        options.model, **sizes, output_size=options.output_size, input_map=options.input_map, seed=0
    )
    rows = {name: list(parameter.shape) for name, parameter in network.named_parameters()}
    answer: dict[str, object] = {"model": options.model, "trainable": total, "shapes": rows}
    if hasattr(network, "cell"):
        answer["letters"] = count_letters(options.model, **sizes, input_map=options.input_map)
    if options.json:
        print(json.dumps(answer, indent=2))
        return
    for name, shape in rows.items():
        print(f"  {name:<24} {' x '.join(map(str, shape))}")
    print(f"{options.model}: {total} trainable parameters, readout included (as B's Table 1)")
    if "letters" in answer:
        print(f"{answer['letters']} numbers in the equation, without readout (as B's text)")


if __name__ == "__main__":
    sys.exit(main())
