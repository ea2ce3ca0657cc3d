"""A crowd: many customers and agents who talk through a real twistd, whatever becomes of it.

``python -m chatgw.test.crowd`` plays restarts and prints what was counted; docs/restart.md explains
that.
"""
