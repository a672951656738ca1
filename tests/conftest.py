"""What all tests share: the hypothesis profile, and no setting of the person who runs them."""

import os

from hypothesis import HealthCheck, settings

# One profile everywhere: the same examples on every machine, so that a red test stays red.
# Deadlines measure the machine, not the code.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# `HYPOTHESIS_PROFILE=search` looks for new examples.
settings.register_profile("search", parent=settings.get_profile("ci"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

for name in [name for name in os.environ if name.startswith("DWELL_")]:
    del os.environ[name]
