"""An ECG on standard paper: geometry, trace, figure, page for print."""
