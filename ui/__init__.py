"""The Gradio page. Speaks to the API like any client."""
