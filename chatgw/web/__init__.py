"""What chatgw serves over HTTP."""
