"""Hits to a reply: read, decide, quote. The engine hands it a retriever."""
