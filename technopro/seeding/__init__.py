"""First, label-free anomaly scores of the images of one pattern."""
