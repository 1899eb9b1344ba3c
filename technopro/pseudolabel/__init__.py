"""Rounds of pseudo-labelling with a Swin Transformer and symmetric cross entropy."""
