"""The HTTP API below /api/v1: routes, request forms, errors, uploads."""
