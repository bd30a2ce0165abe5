"""One sensor that sends failed runs and failed checks to a webhook."""
