"""The web faces: the page, the HTTP API and the guard in front of both."""
