"""What all constructs need: validation of props, accounts and regions, names."""
