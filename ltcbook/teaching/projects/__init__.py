"""Sample solutions of the three projects of the book.

Appendix: ``projects``.
"""
