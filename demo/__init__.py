"""The demo company: made through the application's own workflow, so that it holds nothing the application would refuse."""
