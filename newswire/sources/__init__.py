"""The sources as an operator sees them: listed with their health, added, removed, moved in and out of files."""
