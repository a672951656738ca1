"""The metrics of one warehouse: `wh.metrics.overview.totals(filters)`. Computes nothing."""

from importlib import import_module
from inspect import getdoc
from types import MethodType, ModuleType
from typing import Any


class BoundMetrics:
    """The modules of warehouse.metrics by name, their functions given the warehouse already."""

    def __init__(self, wh: Any, module: ModuleType | None = None):
        # The warehouse and its metrics are above: this is told the one, and loads the others when
        # they are asked for.
        self._wh, self._module = wh, module or import_module("warehouse.metrics")
        self.__doc__ = self._module.__doc__

    def __getattr__(self, name: str) -> Any:
        if name not in dir(self):
            msg = f"No metric '{name}'. There are: {', '.join(dir(self))}."
            raise AttributeError(msg)
        value = getattr(self._module, name)
        if isinstance(value, ModuleType):
            return BoundMetrics(self._wh, value)
        # A method: help, "?" and completion show what the function says and takes.
        return MethodType(value, self._wh)

    def __repr__(self) -> str:
        """What there is to ask, a line each."""
        known = {name: getdoc(getattr(self._module, name)) or "" for name in dir(self)}
        width = max(map(len, known), default=0)
        lines = (f"{name:{width}}  {said.partition(chr(10))[0]}" for name, said in known.items())
        return "\n".join((self.__doc__ or "", "", *lines))

    def __dir__(self) -> list[str]:
        """The modules, or a module's metrics."""
        known = getattr(self._module, "__all__", None)
        if known is not None:
            return sorted(name for name in known if name != "registry")
        return sorted(
            name
            for name, value in vars(self._module).items()
            if callable(value)
            and not name.startswith("_")
            and getattr(value, "__module__", None) == self._module.__name__
        )
