"""Hypothesis settings of this folder, and of no other, on top of whatever profile is loaded.

``make test`` tries every relation on 100 examples, ``make verify`` on 500: the tests must stay
within the time people wait for them.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("RESEARCH_EXAMPLES", "100"))

settings.register_profile(
    "stats",
    parent=settings.default,
    max_examples=EXAMPLES,
    # No time limits: on a busy machine a case of 8 ms took 470 ms and failed for that alone.
    deadline=None,
    # The same examples in every run: a test turns red by a change, not by luck.
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Read the modules of this folder under its profile: ``@given`` takes its settings there."""
    outside = settings.get_current_profile_name()
    settings.load_profile("stats")
    try:
        return (yield)
    finally:
        settings.load_profile(outside)


@pytest.fixture(scope="module", autouse=True)
def _profile_of_this_folder():
    """Run what is given within a test under it too."""
    outside = settings.get_current_profile_name()
    settings.load_profile("stats")
    yield
    settings.load_profile(outside)
