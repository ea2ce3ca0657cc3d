"""The demo: the real gateway between both simulators, and one page that shows all three."""
