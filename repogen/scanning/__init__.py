"""Finding, digesting and reading release files: from ``[input] paths`` to Scanned values."""
