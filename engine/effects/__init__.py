"""What transitions do beyond the change of state, a file an area."""
