"""Asks somebody's SQL within limits of time and memory: in a process of its own, which may be lost.

An engine in the asker's own process can be made to hold it: by memory it does not count, by a
function that nothing interrupts, by a text that its parser takes ages over. The process begun here
(limited_process.py) reads one build, answers one question and ends; the system ends it if it has
to.
"""

import os
import pickle
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import BoundedSemaphore, Thread
from types import TracebackType
from typing import IO, Literal

from etl.config.settings import Settings, as_text, load_settings
from etl.config.sizes import Size
from etl.errors import BeyondLimit, ConfigError, DwellError
from warehouse.filters import Filters
from warehouse.read_only import refuse_unwritten

Form = Literal["arrow", "csv", "xlsx", "parquet", "pieces"]
ROOT = Path(__file__).parents[1]
# Of the environment, what the interpreter and its libraries begin with.
_KEPT = ("LD_LIBRARY_PATH", "TZ")
# What the process writes in front of what it has to say.
ANSWER, REFUSAL, LIMIT, FAILURE = b"A", b"R", b"L", b"F"
# Of an answer in pieces each is written so, behind its length; what ends them says how it went.
PIECE = b"P"
HEAD = struct.Struct(">cQ")


@dataclass(frozen=True)
class Limits:
    """What one query may take, as settings say it.

    seconds  from the moment at which the build is open until the rows are there
    memory   bytes that the engine may hold
    """

    seconds: float
    memory: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Those of the settings."""
        return cls(settings.query_timeout.total_seconds(), settings.query_memory)

    @classmethod
    def of_home(cls, home: Path) -> "Limits":
        """Those of a home's dwell.toml. DwellError where that cannot be read."""
        return cls.of(load_settings(home))

    @classmethod
    def usual(cls) -> "Limits":
        """Those of a home that says nothing of them."""
        return cls.of(Settings())

    def too_long(self) -> BeyondLimit:
        """The error of a query that took longer."""
        return _beyond(f"The query ran for longer than {self.seconds:g} s (query_timeout).")

    def too_much(self) -> BeyondLimit:
        """The error of a query that took more memory."""
        memory = as_text(Size(self.memory))
        return _beyond(
            f"The query, with its answer, needs more memory than {memory} (query_memory)."
        )


def _beyond(met: str) -> BeyondLimit:
    return BeyondLimit(
        f"{met} Wanted: one that takes less. Take fewer days or columns, or group before you join; "
        "or raise the setting."
    )


@dataclass(frozen=True)
class Question:
    """What is asked of a build.

    filters     of the relations that the text may name
    most_rows   so many are answered at most; None takes all
    most_bytes  an answer that takes more is beyond its limit; None takes any
    refuses     whether more rows than `most_rows` are beyond the limit, and not just left off
    form        of the answer; `facts` are told in a file. "pieces": as limited_rows.py reads it
    is_flat     whether what holds other values is told as text, as in CSV and XLSX it is anyway
    is_naive    whether times with a zone are told in UTC, without one, as in XLSX they are anyway
    shows_texts whether the answer may hold what people typed and were answered
    """

    home: Path
    build: int
    text: str
    limits: Limits
    filters: Filters = field(default_factory=Filters)
    most_rows: int | None = None
    most_bytes: int | None = None
    refuses: bool = False
    form: Form = "arrow"
    facts: tuple[tuple[str, str], ...] = ()
    is_flat: bool = False
    is_naive: bool = False
    shows_texts: bool = True


def limits_of(home: Path) -> Limits:
    """Those of the dwell.toml of a home, as it is now.

    ConfigError where anything of it does not fit: what it lowers must not be lost by that.
    """
    return Limits.of(load_settings(home))


class Running:
    """A question that is being answered. Ends with the block that it is used in, if not before."""

    def __init__(self, question: Question, turns: BoundedSemaphore | None = None):
        """`turns`: whoever takes one may ask; all others wait for theirs."""
        refuse_unwritten(question.text)
        # The process has another working folder.
        self._question = replace(question, home=question.home.absolute())
        self._turns = turns
        self._has_turn = False
        self._process: subprocess.Popen[bytes] | None = None
        self._said: list[bytes] = []
        self._reader: Thread | None = None

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    def cancel(self) -> None:
        """Ends the process, if there is one, and leaves the turn to others."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin is not None
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        if self._has_turn and self._turns is not None:
            self._turns.release()
        self._has_turn = False

    @property
    def waits(self) -> bool:
        """Whether it is not yet its turn."""
        return self._process is None

    @property
    def process_id(self) -> int:
        """The number of its process. Asked only once that is there."""
        assert self._process is not None
        return self._process.pid

    def is_done(self, seconds: float) -> bool:
        """Whether it is answered, of which it waits for so long."""
        if self._process is None and not self._begins(seconds):
            return False
        assert self._reader is not None
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def answer(self) -> bytes:
        """The answer in its form, once it is there.

        ConfigError for a text that is no query or is refused, BeyondLimit for what takes too long
        or too much.
        """
        while not self.is_done(60):
            pass
        assert self._process is not None
        code = self._process.wait()
        said = b"".join(self._said)
        kind, rest = said[:1], said[1:]
        if kind == ANSWER and code == 0:
            return rest
        raise error_said(kind, rest) or error_of(code, self._question)

    def _begins(self, seconds: float) -> bool:
        if self._turns is not None and not self._turns.acquire(timeout=seconds):
            return False
        self._has_turn = True
        self._process = begun()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._reader = Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        put(self._question, self._process.stdin)
        return True

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            while piece := stdout.read(1 << 20):
                self._said.append(piece)


def begun() -> subprocess.Popen[bytes]:
    """A process that waits for its question."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "warehouse.limited_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        # Nothing else of the asker's environment, which holds passwords.
        env=kept | {"PYTHONPATH": _packages(), "LANG": "C.UTF-8", "PATH": os.defpath},
        start_new_session=True,
    )


def put(question: Question, stdin: IO[bytes]) -> None:
    """Asks a process."""
    # Its own bytes: the same program, which reads a text of bounded length.
    # Where it cannot begin, it says so by its code.
    with suppress(BrokenPipeError):
        pickle.dump(question, stdin)
        # Left open: it closes with whoever asks, and the process ends with that.
        stdin.flush()


def error_said(kind: bytes, text: bytes) -> DwellError | None:
    """The error that a process told; None where it told none."""
    errors = {REFUSAL: ConfigError, LIMIT: BeyondLimit, FAILURE: DwellError}
    return errors[kind](text.decode()) if kind in errors else None


def error_of(code: int, question: Question) -> DwellError:
    """The error of a process that told none before it ended."""
    if code == -signal.SIGALRM:
        return question.limits.too_long()
    if code == -signal.SIGPROF:
        return BeyondLimit(
            "The file takes too long to write. Wanted: fewer rows or columns. Take fewer, or "
            "write Parquet, which is the quickest."
        )
    # The system ends it, or the engine gives up, where there is no memory.
    if code in (-signal.SIGKILL, -signal.SIGABRT):
        return question.limits.too_much()
    if code < 0:
        return DwellError(
            f"The process that asks the build was ended by {signal.Signals(-code).name}. Ask "
            "again; if it ends so again, ask in another way."
        )
    return DwellError(
        f"The process that asks the build ended by itself (code {code}). Run 'python -m "
        "warehouse.limited_process' to see why it cannot begin."
    )


def _packages() -> str:
    """Ours, and those that the asker was told of; others the interpreter finds by itself.

    Not all of `sys.path`: what lies beside a script must not stand before the standard library.
    """
    told = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    # The process has another working folder.
    return os.pathsep.join([str(ROOT), *(str(Path(place).absolute()) for place in told)])


def answered(question: Question) -> bytes:
    """The answer to one question, waited for."""
    with Running(question) as running:
        return running.answer()
