"""The web app: composition root, screens, the ECG on paper. Knows engine and review_db; nothing knows it."""
