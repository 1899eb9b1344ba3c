"""Visual inspection of product surfaces without labels, retrained every night."""

__version__ = "0.1.0"
