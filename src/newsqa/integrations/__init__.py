"""newsqa inside other frameworks: each adapter is a thin module of its own, behind an extra."""
