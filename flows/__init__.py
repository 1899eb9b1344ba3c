"""Thin Prefect flows over the library: parameters in, library calls, artifacts out."""

FLOWS = ("nightly", "ingest", "retrain", "score", "new_pattern", "maintain")  # all are deployed
POOL, GPU_POOL, SHARD_POOL = "cpu", "gpu", "shards"  # of workers
ON_GPU = "retrain/retrain-gpu"  # the deployment whose runs go to workers with a GPU
SHARDS = "shard/shard"  # … and to workers that only take parts of what other runs do
POOL_OF = {ON_GPU: GPU_POOL, SHARDS: SHARD_POOL}
