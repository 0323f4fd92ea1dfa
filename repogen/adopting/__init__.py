"""Repositories of other tools, taken over: all packages that their indices name become release files, and are built and published like any.

source -> its suites and repositories -> a channel for each -> files, with their digests checked -> build and publish, channel by channel
"""
