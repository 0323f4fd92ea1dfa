"""Keys and signatures: the only package that knows gpg."""
