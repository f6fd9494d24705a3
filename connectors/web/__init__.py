"""Reading the web: one guarded, polite fetcher for feeds, pages, robots and whatever they redirect to."""
