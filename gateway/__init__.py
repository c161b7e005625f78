"""A gateway between applications and carriers' MMSCs that speaks MM7 on both sides."""

__version__ = "0.1.0"
