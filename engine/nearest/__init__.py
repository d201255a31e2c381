"""Is a synthetic ECG a copy?  The nearest training records, and how near real ECGs come to them."""
