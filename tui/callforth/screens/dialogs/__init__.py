"""Questions and windows over the main screen."""
