# What `flask …` commands run in: the application alone, without the jobs that the server's workers do (wsgi.py).
FLASK_APP=app.py
