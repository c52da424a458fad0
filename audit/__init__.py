"""What can be proved: one append-only log per desk.

A desk's directory holds ``log.sqlite`` (entries, contents, links, receipts, tree, checkpoints) and, apart from it,
``keys/`` (``signing.pem``, ``master.key``, ``subjects.sqlite``), which is backed up separately and for a shorter time.
"""
