"""The pages of the manual that are made from the command line itself."""
