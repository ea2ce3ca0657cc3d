"""What chatgw costs, measured on the machine at hand. See README.md."""
