"""What settings may say: every rule by its value, and properties over whole settings."""
