"""Sources shared among workers: definitions, states with their generation, and who owns what."""
