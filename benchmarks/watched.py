"""Other processes, watched to their end: what they said and took. Measures no work itself.

CPU is the user's and the system's together, of the process and of those that it waited for.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The code beside this file, also where another copy is installed.
_DWELL = [sys.executable, "-c", "import sys; from warehouse.cli import main; sys.exit(main())"]
_CORES = 2


@dataclass(frozen=True)
class Done:
    """What a process wrote to its output, and what it took. `read_mb` counts cached reads too."""

    output: str
    seconds: float
    cpu: float
    memory_mb: float
    read_mb: float


class Stopped(Exception):
    """Why a process came to no good end, in words."""


def take_two_cores() -> int:
    """Keeps this process and all that it starts on two cores; how many they are."""
    cores = sorted(os.sched_getaffinity(0))[:_CORES]
    os.sched_setaffinity(0, cores)
    return len(cores)


def dwell_command(*words: object) -> list[object]:
    """The command line that runs `dwell` with these words."""
    return [*_DWELL, *words]


def watched(
    command: Sequence[object],
    most_seconds: float = float("inf"),
    most_memory: float = float("inf"),
) -> Done:
    """A process that ended well. Stopped when it takes longer, or more GB of memory, or fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=errors)
        reason, memory = None, 0
        # It is looked at before it is gone for good: what it read is known only until then. And the
        # peak that the kernel tells afterwards is at least that of the process that started it.
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            status = _told(process.pid, "status")
            memory = max(memory, status.get("VmHWM", 0))
            if time.perf_counter() - started > most_seconds:
                reason = f"it takes more than {most_seconds} s"
            elif status.get("VmRSS", 0) > most_memory * 1e6:
                reason = f"it takes more than {most_memory} GB of memory"
            if reason:
                process.kill()
                break
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        read = _told(process.pid, "io").get("rchar", 0)
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            last = errors.read().strip().rpartition("\n")[2]
            raise Stopped(reason or last or f"it ended with {process.returncode}")
        cpu = used.ru_utime + used.ru_stime
        return Done(output.read(), seconds, cpu, memory / 1024, read / 1e6)


def _told(process: int, file: str) -> dict[str, int]:
    """The numbers that the kernel tells of a process, by name."""
    lines = Path(f"/proc/{process}/{file}").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines)
    words = ((name, value.split()) for name, value in pairs)
    return {name: int(value[0]) for name, value in words if value and value[0].isdigit()}
