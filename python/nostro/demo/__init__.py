"""The synthetic bank: its tables, its data, and an independent recomputation of the day's results."""
