"""Runs the lines that a page offers for a notebook."""

import ast
from typing import Any


def run_lines(code: str) -> Any:
    """What the last of the lines gives."""
    *first, last = ast.parse(code).body
    names: dict[str, Any] = {}
    exec(compile(ast.Module(first, []), "<lines>", "exec"), names)
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "<lines>", "eval"), names)
