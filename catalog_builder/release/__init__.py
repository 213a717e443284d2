"""The release room: items in, a complete tree with its indexes out, whole or not at all. Knows the file system."""
