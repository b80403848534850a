"""The tables by area; `models.py` is their front door and everyone imports from there."""
