"""How sphinx builds these pages: python -m sphinx -W docs docs/_build."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "parsim"
author = "the parsim developers"
copyright = author
try:
    release = importlib.metadata.version("parsim-snn")
except importlib.metadata.PackageNotFoundError:  # built from a clone
    release = ""

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_toc_level": 2}
autodoc_typehints = "none"
napoleon_google_docstring = False
