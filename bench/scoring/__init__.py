"""How claims and entities are scored: the same for readers against each other and for what is extracted."""
