"""One module a command, or a few that belong together; `newsqa.cli.app` joins them."""
