"""What people see in a browser: pages drawn here, read-only, that need no script and nothing from elsewhere."""
