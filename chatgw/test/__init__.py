"""Tests of chatgw, run by trial."""
