"""The canonical result in the forms that other services read. Each adapter is a file of its own.

What they take is untrusted: checked against the schema, bounded, and made harmless for where it goes.
"""
