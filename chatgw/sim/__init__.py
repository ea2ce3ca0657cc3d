"""Simulators of SocialMiner and of Meta, for the demo, for tests, for anyone without either."""
