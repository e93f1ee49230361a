"""The `tastemaker` command. A command's module has its name: `tastemaker evaluate rank` is `cli/evaluate/rank.py`.

What a command needs is imported when it runs, pydantic too, so that `--help` answers at once.
"""
