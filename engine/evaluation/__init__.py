"""How good a checkpoint is: real ECGs beside synthetic ones with the same labels, sex and age band."""
