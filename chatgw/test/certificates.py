"""Certificates for tests."""

from chatgw.sim.authority import Authority, Pair

__all__ = ["Authority", "Pair"]
