"""What the book finds out about the models: small pure functions, each shown in a chapter."""
