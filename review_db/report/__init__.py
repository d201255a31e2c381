"""The report of a closed study: what was done, with whom, what came out, and what that does not show."""
