"""Messaging channels, behind IChannel; one module each."""
