"""What people see: each report is an answer (the stable JSON of docs/commands.md) and a drawing of it."""
