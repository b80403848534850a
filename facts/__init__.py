"""Rows as the rules see them."""
