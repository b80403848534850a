"""The rules by area, pure; `rules.py` is their front door and everyone imports from there."""
