"""Tests of chatgw, run by trial.

The environment variable ``CHATGW_HYPOTHESIS`` names the profile of the property tests: ``chatgw``,
if nothing is said, or ``nightly``, with many more examples.
"""

import os

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of chatgw.
settings.register_profile(
    "chatgw", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("nightly", settings.get_profile("chatgw"), max_examples=2000)
settings.load_profile(os.environ.get("CHATGW_HYPOTHESIS", "chatgw"))
