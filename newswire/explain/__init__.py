"""Show an article with what was found in it: who said what, where it says so, and whom it names."""
