"""One study as its investigator sees it: protocol, readers, what to do next."""
