"""How good a checkpoint is: real ECGs beside synthetic ones with the same labels and sex."""
