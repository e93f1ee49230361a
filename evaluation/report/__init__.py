"""Reports that can be sent to someone: one page that opens anywhere, with its tables and where each number is from.

`table` holds tables, `plot` plots in one look, `provenance` says what was run on what, `report` puts them together,
`folder` writes and reads them, `compare` sets earlier runs side by side. Knows nothing of what was measured.
"""
