"""What is wrong with a command line, in Dwell's own words. Runs nothing."""

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from etl.errors import ConfigError, did_you_mean

# Of dwell itself; everything else stands behind a command.
_OWN = ("--help", "--version")


class WrongUsage(ConfigError):
    """A command line that cannot be run. `usage`: how the command that was called is called."""

    def __init__(self, sentence: str, usage: str):
        super().__init__(sentence)
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """A parser that raises WrongUsage and names what was perhaps meant. It ends no process."""

    def parse_all(self, given: Sequence[str], commands: Iterable[str]) -> argparse.Namespace:
        """The arguments of the command that was called."""
        commands = tuple(commands)
        _refuse_options_first(given, self)
        _refuse_command(given, commands, self)
        args, rest = self.parse_known_args(given)
        if rest:
            called = self.commands().get(str(args.command), self)
            raise WrongUsage(_unknown(rest, called), called.format_usage())
        return args

    def error(self, message: str) -> NoReturn:
        """WrongUsage for what argparse itself met."""
        met = message.removeprefix("argument ")
        number = re.fullmatch(r"(\S+): invalid int value: (.*)", met)
        if number:
            met = f"{number[1]} has the value {number[2]}, wanted is a whole number"
        msg = f"{met[0].upper()}{met[1:].rstrip('.')}. '{self.prog} --help' tells more."
        raise WrongUsage(msg, self.format_usage())

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            hint = did_you_mean(str(value), map(str, action.choices))
            name = "/".join(action.option_strings) or str(action.metavar or action.dest)
            msg = f"{name} cannot be '{value}'. {hint}"
            raise WrongUsage(msg, self.format_usage())

    def commands(self) -> dict[str, "Parser"]:
        """The parsers of its commands, by name."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}

    def options(self) -> list[str]:
        """The long options that it takes."""
        return [name for action in self._actions for name in action.option_strings
                if name.startswith("--")]  # fmt: skip


def log_form(given: Sequence[str]) -> str:
    """How a command line that cannot be parsed wants the log to be written."""
    return "json" if re.search(r"(^| )--log[ =]json( |$)", " ".join(given)) else "text"


def _refuse_options_first(given: Sequence[str], parser: Parser) -> None:
    first = given[0].partition("=")[0] if given else ""
    if not first.startswith("-") or first in ("-h", *_OWN):
        return
    behind = {name for command in parser.commands().values() for name in command.options()}
    near = get_close_matches(first, {*behind, *_OWN}, n=1)
    hint = f"Did you mean '{near[0]}'?" if near and near[0] in _OWN else "Write it behind."
    msg = f"'{first}' stands before the command, where only {' and '.join(_OWN)} may. {hint}"
    raise WrongUsage(msg, parser.format_usage())


def _refuse_command(given: Sequence[str], commands: Sequence[str], parser: Parser) -> None:
    word = given[0] if given else ""
    if word and not word.startswith("-") and word not in commands:
        hint = did_you_mean(word, (*commands, *_OWN))
        msg = f"No command '{word}'. {hint}"
        raise WrongUsage(msg, parser.format_usage())


def _unknown(rest: Sequence[str], called: Parser) -> str:
    """What to say of arguments that are left over."""
    option = next((word for word in rest if word.startswith("-")), None)
    if option is None:
        return f"'{rest[0]}' is more than '{called.prog}' takes. '{called.prog} --help' tells what."
    name = option.partition("=")[0]
    return f"'{called.prog}' has no option {name}. {did_you_mean(name, called.options())}"
