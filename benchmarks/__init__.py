"""What it costs: tables for people, measured as ratios to a reference in the same run, because machines differ."""
