"""The call and its form in a browser: pages that work without a script, for whoever has no form of their own."""
