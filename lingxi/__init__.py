"""The kernel of Lingxi (灵犀云客服) and its composition root.

Importing this package imports nothing else, so that ``lingxi.embedded`` and ``lingxi.serve``
work before Django is configured.
"""
