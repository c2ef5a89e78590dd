"""The command line: ``ltcbook …`` or ``python -m ltcbook …``.

Each command lives beside what it commands; this file only gathers them. Bad input gets one line
on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import json
import sys

from ltcbook.zoo import MODELS, build, count_letters, count_parameters


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int | None = options.run(options)
    except (ValueError, TypeError, OSError) as error:
        print(f"ltcbook: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ltcbook: interrupted", file=sys.stderr)
        return 130
    return code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ltcbook", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    listing = commands.add_parser("models", help="the named models of both papers")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_models)

    count = commands.add_parser("count", help="the parameters of a model")
    count.add_argument("model", help="a name of 'ltcbook models' or a type descriptor")
    count.add_argument("--input-size", type=int, default=27)
    count.add_argument("--hidden-size", type=int, default=32)
    count.add_argument("--output-size", type=int, default=27)
    count.add_argument("--input-map", choices=("linear", "synaptic", "preactivation"))
    count.add_argument("--json", action="store_true", help="for programs")
    count.set_defaults(run=_count)

    from ltcbook.bench.cli import add_parser as add_bench
    from ltcbook.data.cli import add_parser as add_data
    from ltcbook.training.cli import add_parser as add_train

    for add in (add_data, add_train, add_bench):
        add(commands)
    return parser


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
    rows = {
        name.replace("parametrizations.", "").removesuffix(".original"): list(parameter.shape)
        for name, parameter in network.named_parameters()
    }
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
