"""`make bench`: every benchmark, one after the other. `python -m benchmarks.load 2000000`: one."""

from benchmarks import growth, load, sessions

load.main()
sessions.main()
growth.main()
