"""Stand-ins: accounts under an address that its owner has not opened yet, one for each teacher who has given it."""
