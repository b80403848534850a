"""What the screens stand on; it holds no rule and no permission of its own."""
