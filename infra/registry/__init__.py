"""The Registry stack: the images that all stages share, and who may push them."""
