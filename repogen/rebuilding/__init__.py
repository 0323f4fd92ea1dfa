"""From what is published back to the state that tells of it: for a destination whose ``.repogen/`` is missing, damaged or cannot be read.

signed indices, repo.json, what is whole of .repogen -> Catalog -> a head that says "cut" -> rendered and published like any other
"""
