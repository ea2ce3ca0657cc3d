"""Contact centres, behind IDesk; one module each."""
