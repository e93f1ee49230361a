"""What bias there is in what a ranker recommends, and what corrections make of it."""
