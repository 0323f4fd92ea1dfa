"""repogen: release files in, a signed static site of package repositories out."""

__version__ = "0.1.0"
