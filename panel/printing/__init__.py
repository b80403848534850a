"""Printed forms: blocks, forms, PDF."""
