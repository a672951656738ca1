"""The metrics of one open warehouse: `wh.metrics.overview.totals(filters)`. Asks nothing itself."""

from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from warehouse.connection import Warehouse


class Bound:
    """The modules of the metrics, or the functions of one, each with its warehouse put first."""

    def __init__(self, wh: Warehouse, module: ModuleType):
        self._wh = wh
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            return Bound(self._wh, found)
        return partial(found, self._wh) if callable(found) else found

    def __dir__(self) -> list[str]:
        return dir(self._module)


def metrics_of(wh: Warehouse) -> Bound:
    """All metrics, asked of that warehouse."""
    return Bound(wh, import_module("warehouse.metrics"))
