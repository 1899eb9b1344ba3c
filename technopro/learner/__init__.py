"""One pattern from images to a model that scores: features, seeds, rounds, decision."""
