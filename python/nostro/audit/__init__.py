"""Where published figures come from: their source rows, batches, attempts and queries."""
