"""The adopted regulations: versions, files, trials, what falls due."""
