"""ASGI middleware around the API and the page; `newsqa.web.server` puts it in order."""
