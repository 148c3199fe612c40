"""From hits to a reply: read, decide, quote; it knows retrieval, and no index is changed here."""
