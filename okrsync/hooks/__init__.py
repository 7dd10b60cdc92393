"""Webhooks: what comes in is checked and told to the daemon; those that send it are made, listed and deleted."""
