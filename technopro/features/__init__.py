"""Frozen timm backbones as feature extractors."""
