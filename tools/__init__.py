"""Tools of the workshop: the benchmark."""
