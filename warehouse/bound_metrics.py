"""The metrics of one warehouse: `wh.metrics.overview.totals(filters)`. Computes nothing."""

from importlib import import_module
from inspect import getdoc
from types import MethodType, ModuleType
from typing import Any


class BoundMetrics:
    """The modules of warehouse.metrics by name, their functions given the warehouse already.

    They are plain attributes and methods, without a `__getattr__` that would say more of a wrong
    name: notebooks complete no object that has one.
    """

    def __init__(self, wh: Any, module: ModuleType | None = None):
        # The warehouse and its metrics are above: this is told the one, and loads the others when
        # they are asked for.
        module = module or import_module("warehouse.metrics")
        self.__doc__ = module.__doc__
        for name in _asked_for(module):
            value = getattr(module, name)
            is_module = isinstance(value, ModuleType)
            bound = BoundMetrics(wh, value) if is_module else MethodType(value, wh)
            setattr(self, name, bound)

    def __repr__(self) -> str:
        """What there is to ask, a line each."""
        known = {name: getdoc(getattr(self, name)) or "" for name in dir(self)}
        width = max(map(len, known), default=0)
        lines = (f"{name:{width}}  {said.partition(chr(10))[0]}" for name, said in known.items())
        return "\n".join((self.__doc__ or "", "", *lines))

    def __dir__(self) -> list[str]:
        """The modules, or a module's metrics."""
        return sorted(name for name in vars(self) if name != "__doc__")


def _asked_for(module: ModuleType) -> list[str]:
    known = getattr(module, "__all__", None)
    if known is not None:
        return [name for name in known if name != "registry"]
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
