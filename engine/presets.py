"""Network sizes by name.

`tiny` can be trained on a CPU, `base` is for a GPU at hand, `full` is the papers' 36 x 256.  All are SSSD-ECG-nle with
sex and age band as further conditions.
"""

from __future__ import annotations

from engine.network import NetworkConfig

PRESETS = {
    "tiny": NetworkConfig(
        layers=8, channels=64, skip_channels=64, step_features=64, step_hidden=128, step_dim=128,
        label_dim=64, sexes=3, sex_dim=16, age_bands=11, age_dim=16,
    ),
    "base": NetworkConfig(
        layers=16, channels=128, skip_channels=128, step_hidden=256, step_dim=256, sexes=3, sex_dim=16,
        age_bands=11, age_dim=16,
    ),
    "full": NetworkConfig(sexes=3, sex_dim=16, age_bands=11, age_dim=16),
}  # fmt: skip
