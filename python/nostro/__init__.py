"""Nostro: banking on Trino."""
