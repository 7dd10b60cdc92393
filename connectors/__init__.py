"""One module a tool; ``registry`` names them. Each reads and writes its tool and imports no other stage."""
