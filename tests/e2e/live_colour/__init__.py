"""What the proof of the live colour needs: a deployed world, variants, and a constant load."""
