"""The south face: submits to carriers' MMSCs, and takes what they send us."""
