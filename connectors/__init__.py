"""One module a tool; ``registry`` names them. Each reads and writes its tool and imports nothing of the other stages."""
