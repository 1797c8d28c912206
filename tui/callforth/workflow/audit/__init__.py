"""The audit: who decided what, when and why, and whether history shows it whole."""
