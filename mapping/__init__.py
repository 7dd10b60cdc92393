"""References → rules → links, orphans, gaps. Pure: no network, no clock, no environment."""
