"""Long runs that the suite has a short slice of: `make soak`."""
