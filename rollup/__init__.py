"""Progress, forecast, status, and what should stand in the tools. Pure: no network, no clock, no environment."""
