"""Thin Prefect flows over the library: parameters in, library calls, artifacts out."""

FLOWS = ("nightly", "ingest", "retrain", "score", "new_pattern", "maintain")  # all are deployed
