"""From evidence to decisions: defect share, calibrated score, thresholds, quality estimate."""
