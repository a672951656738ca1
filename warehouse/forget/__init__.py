"""Takes people out of a home, and gives them what it holds of them."""
