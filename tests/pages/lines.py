"""Runs Python as a notebook does: what its last line comes to is what it shows."""

import ast
from collections.abc import Mapping
from typing import Any


def run_lines(code: str, names: dict[str, Any] | None = None) -> Any:
    """What the last line comes to; None when it is a statement. Names are kept in `names`."""
    names = {} if names is None else names
    body = ast.parse(code).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<lines>", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<lines>", "eval"), names)
    return None


def run_notebook(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The names that all its cells, one after the other, leave."""
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            run_lines("".join(cell["source"]), names)
    return names
