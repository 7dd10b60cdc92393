"""Ways in which a report leaves for people: a mail server, an incoming webhook. Each sends once."""
