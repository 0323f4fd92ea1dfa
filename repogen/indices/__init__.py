"""Published indices of any tool, from their bytes to what they name: no file is opened here, and nothing is shared with the formats that write ours.

A mistake that writer and reader shared would never be seen.
"""
