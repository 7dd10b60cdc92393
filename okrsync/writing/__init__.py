"""Plan → apply → confirm, and back: the shell around what ``rollup`` says should stand in the tools."""
