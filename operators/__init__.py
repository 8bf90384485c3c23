"""What operators do: commands about accounts, and the cache's commands and API."""
