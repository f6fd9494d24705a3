"""The commands of the gold set; see the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.gold import frozen
from bench.gold.agreement import agreement, compared
from bench.gold.checking import GOLD, READERS, article_ids, load
from bench.gold.differences import drafted

__all__ = ["main"]


def check(articles: Sequence[str], readers: Sequence[str], root: Path) -> int:
    """Print what is wrong with the labels; return the exit code."""
    errors = warnings = files = claims = 0
    for reader in readers:
        for article in articles:
            if not (root / "labels" / reader / f"{article}.yaml").exists():
                continue
            placed, problems = load(article, reader, root)
            files += 1
            claims += len(placed.claims)
            errors += sum(not problem.warning for problem in problems)
            warnings += sum(problem.warning for problem in problems)
            for problem in problems:
                print(problem)
    print(f"{files} files, {claims} claims placed, {errors} errors, {warnings} warnings")
    return 1 if errors else 0


def differences(articles: Sequence[str], out: Path | None, root: Path) -> int:
    """Print the drafts of all articles that both have labelled, or write them to a folder."""
    for article in articles:
        if not all((root / "labels" / reader / f"{article}.yaml").exists() for reader in ("a", "b")):
            continue
        written = drafted(article, root)
        if out is None:
            print(written)
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{article}.yaml").write_text(written, "utf-8")
            print(f"{article}: {written.partition(chr(10))[0].removeprefix('# ')}")
    return 0


def check_frozen(root: Path) -> int:
    """Print what is not as it was frozen; return the exit code."""
    changed = frozen.changes(root)
    for change in changed:
        print(change)
    print(f"the frozen half: {len(changed)} changes")
    return 1 if changed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.gold", description="The gold set of claims and entities."
    )
    parser.add_argument("--root", type=Path, default=GOLD, help="the gold set; seeds/gold unless told")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="read labels, place them in the text, tell what is wrong")
    checking.add_argument("articles", nargs="*", metavar="id", help="of articles; all unless told")
    checking.add_argument("--reader", choices=READERS, help="whose; all unless told")
    commands.add_parser("agree", help="how far the two readers agree, as Markdown")
    differing = commands.add_parser("differences", help="what they do not agree on, as labels to decide")
    differing.add_argument("articles", nargs="*", metavar="id", help="of articles; all unless told")
    differing.add_argument("--out", type=Path, help="write one file an article into this folder")
    commands.add_parser("freeze", help="write the hashes of the frozen half")
    commands.add_parser("check-frozen", help="tell what of the frozen half has changed")
    options = parser.parse_args(arguments)
    known = article_ids(options.root)
    articles = getattr(options, "articles", None) or known
    unknown = [article for article in articles if article not in known]
    if unknown:
        parser.error(f"no article {unknown[0]}: there are {', '.join(known)}")
    try:
        if options.command == "check":
            return check(articles, [options.reader] if options.reader else READERS, options.root)
        if options.command == "differences":
            return differences(articles, options.out, options.root)
        if options.command == "check-frozen":
            return check_frozen(options.root)
        if options.command == "freeze":
            print(f"{frozen.freeze(options.root)} files are frozen")
        else:
            print(agreement(compared(options.root)))
    except (ValueError, FileNotFoundError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
