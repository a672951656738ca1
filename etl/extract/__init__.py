"""Live databases: their new rows become files that the loader takes like any other."""
