"""The vLLM process, the API and its state; the one place where parts are wired together."""
