"""What makes the tagger's network: data, training, export.  Needs torch, which nothing else here does."""
