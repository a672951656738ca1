"""`make bench`: every benchmark, one after the other. `python -m benchmarks.load 2000000`: one."""

from benchmarks import growth, load, sessions, shapes

load.main()
sessions.main()
growth.main()
shapes.main()
