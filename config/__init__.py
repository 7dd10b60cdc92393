"""okrsync.toml and the environment → values, or every problem at once."""
