"""What the chapters show and let the reader do: exercises, widgets, figures, source code.

May import ``papers`` and ``checks``; a widget what it shows.
"""
