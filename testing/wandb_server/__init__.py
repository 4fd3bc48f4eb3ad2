"""A stand-in for the W&B server: speaks the GraphQL over HTTP that the real SDK sends, on loopback, with made data.

Written from what the SDK sends and expects; nothing of W&B's server is in it. `python -m testing.wandb_server` runs one
by hand; `fixtures` holds the pytest fixtures.
"""
