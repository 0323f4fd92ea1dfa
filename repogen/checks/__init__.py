"""What may be wrong, said before it harms anybody: findings, and what looks for them."""
