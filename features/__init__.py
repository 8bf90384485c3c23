"""What every feature brings to the application: its blueprints, jobs, commands and answers to others."""
