"""Alerts: what is amiss is told once, and its end once (docs/running.md)."""

from okrsync.alerting.alarm import Alarm

__all__ = ["Alarm"]
