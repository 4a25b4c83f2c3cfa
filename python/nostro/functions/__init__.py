"""Nostro's SQL functions outside the server: their catalogue and its documentation."""
