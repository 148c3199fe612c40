"""The web: the page, the HTTP API and MCP, behind one stack of middleware."""
