"""Thin Prefect flows over the library: parameters in, library calls, artifacts out."""

FLOWS = ("nightly", "ingest", "retrain", "score", "new_pattern", "maintain")  # all are deployed
POOL, GPU_POOL = "cpu", "gpu"  # of workers
ON_GPU = "retrain/retrain-gpu"  # the deployment whose runs go to workers with a GPU
