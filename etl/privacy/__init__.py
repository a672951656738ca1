"""What shall never be stored: what personal data looks like, and what stands in its place."""
