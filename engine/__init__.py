"""ECGs, labels, the model, sampling, training, checkpoints, generators. Knows nothing of screens, studies or SQL."""
