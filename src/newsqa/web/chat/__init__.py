"""The web chat: the Gradio page, its Gradio endpoints, and the routes below /page."""
