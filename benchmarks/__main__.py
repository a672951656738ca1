"""`make bench`: every benchmark, one after the other. `python -m benchmarks.load 2000000`: one."""

from benchmarks import growth, load, pages, sessions, shapes

load.main()
sessions.main()
growth.main()
shapes.main()
pages.main()
