"""Every correction on Coat: `python benchmarks/coat.py [--folder DIR] [--seeds 10] --out DIR`.

`evaluation.unbiased.coat` says how they are compared. `--no-test` prints the errors on chosen ratings and stops before
the random ones are looked at. Each seed is kept in --out, so that an interrupted run goes on.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from evaluation.unbiased import coat

COAT = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "coat"


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=COAT)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--no-test", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    data = coat.read_coat(options.folder)
    users, items = coat.drawn_pairs(options.folder)
    seeds = coat.run_seeds(data, options.seeds, options.out, users, items)
    for name, (plain, weighted) in coat.validation_errors(seeds).items():
        print(f"chosen ratings  {name:22s} squared error {plain:.4f}, weighted {weighted:.4f}")
    if options.no_test:
        return
    rows = coat.look_at_test(options.folder, data, seeds, users, items)
    print(f"\n{'random ratings':26s}" + "".join(f"{name:>22s}" for name in coat.MEASURES))
    for row in rows:
        pairs = zip(row.means, row.deviations, strict=True)
        print(f"{row.method:26s}" + "".join(f"{mean:>13.4f} ± {deviation:.4f}" for mean, deviation in pairs))
    for other in (coat.BASELINE, "naive, ratings only"):
        for (_, label), test in coat.over_people(options.folder, seeds, users, items, ["auto"], other).items():
            print(f"auto against {other!r}, people as what varies: {label} {test}")
    (options.out / "table.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
