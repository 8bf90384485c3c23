"""What accounts do by mail: choosing a password anew, confirming an address, telling the owner."""
