"""Leases work and moves it: retry policy, worker, the one HTTP sender. It knows neither customers nor carriers."""
