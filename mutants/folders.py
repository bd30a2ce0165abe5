"""The measured folders, and what share of their mutants the tests are to kill."""

from dataclasses import dataclass
from pathlib import Path

PRODUCT = "ai_usage_assets"


@dataclass(frozen=True)
class Folder:
    """A folder of the product, with all that is below it."""

    name: str
    suffixes: tuple[str, ...]
    target_percent: int

    def files(self, checkout: Path) -> list[Path]:
        """The files that are broken, relative to the checkout."""
        found = sorted((checkout / PRODUCT / self.name).rglob("*"))
        return [
            path.relative_to(checkout)
            for path in found
            if path.suffix in self.suffixes and path.name != "__init__.py"
        ]


FOLDERS = (
    Folder("curated", (".sql",), 90),
    Folder("defs/checks", (".py", ".sql"), 90),
    Folder("warehouse", (".py",), 90),
    Folder("sources", (".py",), 90),
    Folder("defs/sensors", (".py",), 90),
    Folder("report", (".py",), 85),
    Folder("cli", (".py",), 85),
)
BY_NAME = {folder.name: folder for folder in FOLDERS}
