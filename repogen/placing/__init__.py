"""From what a file says of itself to an artifact: product, version, platform, channel and address."""
