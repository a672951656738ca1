"""Lock files: whatever of Dwell is installed, the engine and all else are of one release."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _locked(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Release and hashes by the name of each package."""
    parts = re.split(r"^(?=[a-z0-9])", path.read_text(encoding="utf-8"), flags=re.M)
    return {
        part.partition("==")[0]: (
            part.partition("==")[2].split()[0],
            frozenset(re.findall(r"sha256:[0-9a-f]{64}", part)),
        )
        for part in parts
        if "==" in part
    }


def test_no_two_lock_files_have_different_releases() -> None:
    files = sorted(ROOT.glob("requirements*.txt"))
    assert len(files) == 7
    first = _locked(ROOT / "requirements.txt")
    assert "duckdb" in first
    whole = _locked(ROOT / "requirements-dev.txt")
    for path in files:
        locked = _locked(path)
        assert first.keys() <= locked.keys()
        different = {name for name in locked.keys() & whole.keys() if locked[name] != whole[name]}
        assert different == set(), path.name
        assert all(hashes for _, hashes in locked.values())
