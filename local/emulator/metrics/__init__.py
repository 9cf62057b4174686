"""CloudWatch where ministack stops: metrics out of Lambda logs, metric math, alarms that evaluate as AWS's do."""
