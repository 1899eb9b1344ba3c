"""A champion as one network that runs without torch, with proof that it decides the same."""
