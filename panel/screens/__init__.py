"""What screens do beyond their declarations, a file an area."""
