"""What an installation of newsqa takes on disk, part by part: ``python tools/installed_size.py``.

Counts the files that each package says it installed, without compiled ``.pyc``: of newsqa itself,
and of everything that it requires, directly or not, extras left out. MB of 1,000,000 bytes.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LEAST_MB = 10.0  # smaller packages are counted together


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement).lower()


def required(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Names of the package and of all that it needs here."""
    found: set[str] = set()
    left = [(name_of(name), extras)]
    seen = set()
    while left:
        item = left.pop()
        if item in seen:
            continue
        seen.add(item)
        package, wanted = item
        found.add(package)
        try:
            needs = distribution(package).requires or []
        except PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            marks = [{"extra": extra} for extra in (wanted or {""})]
            if need.marker is None or any(need.marker.evaluate(mark) for mark in marks):
                left.append((name_of(need.name), frozenset(need.extras)))
    return found


def size_of(package: Distribution) -> int:
    paths = [Path(str(file.locate())) for file in package.files or []]
    return sum(p.stat().st_size for p in paths if p.is_file() and p.suffix != ".pyc")


def own_parts() -> dict[str, int]:
    """newsqa's own files: weights apart from the rest."""
    folder = ROOT / "src" / "newsqa"
    files = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    weights = {p for p in files if p.parent.name == "weights"}
    return {
        "newsqa: the reader's weights": sum(p.stat().st_size for p in weights),
        "newsqa: all else": sum(p.stat().st_size for p in files if p not in weights),
    }


def parts() -> dict[str, int]:
    """Bytes of each part."""
    sizes = own_parts()
    for name in sorted(required("newsqa") - {"newsqa"}):
        try:
            sizes[name] = size_of(distribution(name))
        except PackageNotFoundError:
            continue
    return sizes


def main() -> None:
    sizes = parts()
    ours = {name: size for name, size in sizes.items() if name.startswith("newsqa: ")}
    large = {n: s for n, s in sizes.items() if n not in ours and s >= LEAST_MB * 1e6}
    small = {n: s for n, s in sizes.items() if n not in ours and n not in large}
    rows = [*ours.items(), *sorted(large.items(), key=lambda row: -row[1])]
    rows.append((f"{len(small)} packages under {LEAST_MB:.0f} MB each", sum(small.values())))
    rows.append(("all", sum(sizes.values())))
    print("| part | MB |\n|---|--:|")
    for name, size in rows:
        print(f"| {name} | {size / 1e6:,.1f} |")


if __name__ == "__main__":
    main()
