"""`tastemaker train …`: a module for each command, and what several of them do."""
