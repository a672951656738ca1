"""`make bench`: every benchmark, one after the other. `python -m benchmarks.load 2000000`: one."""

from benchmarks import load, sessions

load.main()
sessions.main()
