"""What operators and administrators do: commands about accounts, and the cache's commands and API."""
