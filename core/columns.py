"""The names of columns in tables of interactions, in one place."""

USER_ID = "user_id"
ITEM_ID = "item_id"
TIME = "time"
RATING = "rating"
