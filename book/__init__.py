"""The machinery of the book: Sphinx extensions, and the script that runs the notebooks in place."""
