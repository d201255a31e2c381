"""The guided tour: what the model is, what it draws, how physicians judge it, in about three minutes."""
