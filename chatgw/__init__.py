"""chatgw: a chat gateway between messaging channels and contact centres."""
