"""Ids as homes have them, that are unlike a word: one table for all tests of them."""

# What it is → the id as a load stores it.
ODD_IDS = {
    "mail": "ann@example.com",
    "bar": "auth0|5f7c8ec7c33c",
    "backslash": "CORP\\ann.smith",
    "blank": "Ann Smith",
    "distinguished": "CN=Ann,OU=x",
    "accent": "josé",
    "number": "1234567",
    "short": "7",
    "quote": "o'brien-77",
    "paren": "ann(old)44",
    "folder": "exports",
    "slash": "team/ann77",
}
