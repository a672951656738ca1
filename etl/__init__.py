"""Takes exports into the lake: read, normalise, accept or reject. Never computes a metric."""
