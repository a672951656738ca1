"""What came since the current build: the tail, its sessions, and who reads them."""
