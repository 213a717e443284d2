"""The one seam for parallel work: a ``concurrent.futures.Executor``."""
