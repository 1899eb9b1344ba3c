"""Verbs of the command line beyond the main job, by theme."""
