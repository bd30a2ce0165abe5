"""One sensor that sends a digest of each week, and of each month that is closed, to the webhook of the alerts."""
