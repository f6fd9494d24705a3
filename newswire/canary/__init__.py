"""The canary: an article of our own with a known claim, sent through everything again and again."""
