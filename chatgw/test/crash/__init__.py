"""The crash matrix: a real twistd process, killed with -9 at each point, restarted, and judged.

``python -m chatgw.test.crash`` runs it and prints a table; docs/crash-matrix.md explains that.
"""
