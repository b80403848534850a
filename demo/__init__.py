"""The demo companies: made through the application's own workflow, so that they hold nothing it would refuse."""
