"""Thin Prefect flows over the library: parameters in, library calls, artifacts out."""
