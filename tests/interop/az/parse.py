"""Lets the Azure command line read what the documents say to it, and stops it before it does anything.

Standard input has one JSON object a line: `call`, the arguments behind `az`, and `outline`, whether required ones may
be left out. Standard output has one line for each, empty when
they can be read, else what is wrong. No extension is installed and none is asked for: what a document says must work
in a fresh installation.
"""

import contextlib
import io
import itertools
import json
import sys

import home  # noqa: F401
from azure.cli.core import get_default_cli
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS
from knack.util import CLIError


class Read(BaseException):
    """All arguments were understood. No handler of the command line catches this."""


def stop(_context, **_arguments):
    raise Read


def invoker(cli):
    made = cli.invocation_cls(
        cli_ctx=cli,
        commands_loader_cls=cli.commands_loader_cls,
        parser_cls=cli.parser_cls,
        help_cls=cli.help_cls,
    )
    cli.invocation = made
    return made


def is_outline(arguments, with_options):
    """Whether it names a command or a group and says nothing more, as a sentence does; or, where options may be
    given, names only such as the command has."""
    made = invoker(get_default_cli())
    loader = made.commands_loader
    loader.load_command_table(arguments)
    words = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
    name = " ".join(words)
    given = {word for word in arguments if word.startswith("-")}
    if not given:
        return any(command == name or command.startswith(name + " ") for command in loader.command_table)
    if not with_options or name not in loader.command_table:
        return False
    made.data["command_string"] = name
    loader.load_arguments(name)
    known = loader.command_table[name].arguments.values()
    return given <= {str(option) for argument in known for option in argument.options_list}


def fault(arguments, outline):
    cli = get_default_cli()
    cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            invoker(cli).execute(list(arguments))
    except Read:
        return ""
    except (SystemExit, CLIError) as end:
        if is_outline(arguments, outline):
            return ""
        lines = [line.strip() for line in said.getvalue().splitlines() if line.strip()]
        return " ".join(lines) or str(end)
    return "the command line went on without reading its arguments"


def main():
    for line in sys.stdin:
        question = json.loads(line)
        print(fault(question["call"], question["outline"]), flush=True)


if __name__ == "__main__":
    main()
