"""The Service stack: everything that needs an image, from the task to how a release moves between colours."""
