"""Hits to a reply: read, decide, quote. Asks `retrieval`; only the engine calls it."""
