"""Tests of chatgw, run by trial."""

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of chatgw.
settings.register_profile(
    "chatgw", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("chatgw")
