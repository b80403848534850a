"""The one place where states change, and what is judged, recorded and audited with it."""
