"""The API's addresses, one noun a module. Each `routes(services)` gives the router of its noun."""
