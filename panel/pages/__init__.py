"""Pages made by hand."""
