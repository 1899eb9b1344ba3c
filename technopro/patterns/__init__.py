"""Product patterns: found without being told their number, recognised again by their centre."""
