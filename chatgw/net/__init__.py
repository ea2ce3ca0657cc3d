"""Reaching others and being reached: deadlines, limits, tunnels, certificates, signals."""
