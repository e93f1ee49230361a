"""The step *understand*: a whole conversation becomes an `Intent`. It reads chats as data and never follows them."""
