"""Fuzzing: mutated identity files through every reader. Only the readers' own error may be raised."""

import argparse
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa

from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.sources import identity
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_tests.stress import mutations

FILES = {
    "people.csv": (
        ("identity_people", "identity_aliases"),
        (
            "email,first_name,last_name,department,aliases\n"
            'ann@x.example,Ann,"van der Berg, née Özil",R&D,a.b@x.example;ann@old.example\n'
            "bob@x.example,Bob,,,\n,,,,\n"
        ),
    ),
    "api_key_owners.csv": (
        ("identity_api_key_owners",),
        (
            "api_key_id,email,purpose,valid_from,valid_to,actor_type\n"
            "k1,ann@x.example,CI,,2026-01-31,service\nk1,bob@x.example,,2026-02-01,,\nk2,bob@x.example,,,,person\n"
        ),
    ),
    "seats.csv": (
        ("identity_seats",),
        (
            "platform,tier,usd_per_seat_month,seats,billing_day,valid_from,valid_to\n"
            "cursor,,40.00,,17,,2026-01-31\ncursor,premium,32.123456789,25,28,2026-02-01,\n"
            "claude_code,,0,10,,2026-02-01,\n"
        ),
    ),
    "seat_tiers.csv": (
        ("identity_seat_tiers",),
        (
            "platform,email,tier,valid_from,valid_to\n"
            "cursor,ann@x.example,premium,,2026-01-31\ncursor,ann@x.example,free,2026-02-01,\n"
            "cursor,bob@x.example,free,,\n"
        ),
    ),
    "budgets.csv": (
        ("identity_budgets",),
        (
            "scope,name,usd_per_month,valid_from,valid_to\n"
            "company,,5000.00,,2026-01-31\ncompany,,0,2026-02-01,\ndepartment,R&D,1,,\n"
            "platform,cursor,1200.123456789,,9999-12-31\nperson,ann@old.example,100,2026-02-01,2026-02-28\n"
        ),
    ),
}


def fuzz(count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """The outcomes of this many mutated files, and the unexpected errors."""
    ended: Counter[str] = Counter()
    unexpected: list[str] = []
    for n in range(count):
        name, (tables, text) = list(FILES.items())[n % len(FILES)]
        for other, (_, whole) in FILES.items():
            (folder / other).write_text(whole, encoding="utf-8")
        (folder / name).write_bytes(mutations.csv(Random(f"{seed}-{n}"), text.encode()))
        try:
            for table in tables:
                rows = identity.READERS[table](folder)
                # as the asset builds its rows
                pa.Table.from_pylist(rows, schema=arrow_schema(BY_NAME[table])).validate(full=True)
            ended[f"{name} accepted"] += 1
        except IdentityFileError as refused:
            ended[f"{name} refused"] += 1
            if "@x.example" in str(refused) or len(str(refused)) > 400 + len(str(folder)):
                unexpected.append(
                    f"{name}, seed {seed}-{n}: an email address, or too long a message: {str(refused)[:300]}"
                )
        except Exception:  # noqa: BLE001 - any other exception is a finding
            unexpected.append(f"{name}, seed {seed}-{n}: {traceback.format_exc()[-600:]}")
    return ended, unexpected


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m ai_usage_tests.stress.fuzz_identity_files", description=__doc__
    )
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    with TemporaryDirectory(prefix="fuzz_") as folder:
        ended, unexpected = fuzz(options.count, options.seed, Path(folder))
    print(f"{options.count} files in {time.monotonic() - started:.0f} s")
    print("\n".join(f"{how} {n}" for how, n in sorted(ended.items())))
    print("\n".join(unexpected[:5]) or "only the readers' own error was raised, without an email address")
    if unexpected:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
