"""``newswire demo``: sample articles through the whole pipeline, and what came of them."""
