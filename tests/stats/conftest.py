"""Hypothesis settings of this folder, on top of whatever profile is loaded above it."""

from hypothesis import HealthCheck, settings

# No time limits: on a busy machine a case of 8 ms took 470 ms and failed for that alone.
settings.register_profile(
    "stats",
    parent=settings.default,
    max_examples=500,
    deadline=None,
    # The same examples in every run: a test turns red by a change, not by luck.
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("stats")
