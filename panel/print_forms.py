"""Placeholder until the forms are declared."""
