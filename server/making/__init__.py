"""What the steps of `server.prepare` do, a module for each kind of artifact."""
