"""From a template to a draft study: real and drawn ECGs, matched, audited, rehearsed."""
