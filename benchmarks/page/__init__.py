"""Put hostile texts through the page."""
