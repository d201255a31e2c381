"""Samplers at few steps, measured: against 200 ancestral steps, against the limit of the ODE, against real ECGs."""
