"""Stand-ins: accounts for the owner of an address who has not answered yet."""
