"""What `make run` starts: a supervisor, a Redis server, the web server, jobs in its workers."""
