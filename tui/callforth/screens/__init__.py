"""The Textual interface: the only room that sees Textual."""
