"""The fixture of the formats' tests: real exports that lie beside the project."""

from collections.abc import Callable
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parents[4] / "shared" / "data" / "payloads"


@pytest.fixture(scope="session")
def payload() -> Callable[[str], bytes]:
    """The bytes of a real export; the test is skipped where it is not there."""

    def read(name: str) -> bytes:
        file = PAYLOADS / name
        if not file.is_file():
            pytest.skip(f"no export {name} beside the project")
        return file.read_bytes()

    return read
