"""What `make run` starts: the supervisor, the embedded Redis server, the web server and the jobs in its workers."""
