"""Has anything changed tonight? Pure statistics on counts, scores and embeddings."""
