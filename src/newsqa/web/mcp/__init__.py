"""The MCP server: tools and resources, over stdio and at /mcp."""
