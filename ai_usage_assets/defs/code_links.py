"""Links from an asset's page to its code: to the .sql of a curated table, to the function of any other."""

import warnings
from pathlib import Path
from typing import Any

import dagster as dg

import ai_usage_assets

PACKAGE = Path(ai_usage_assets.__file__).parent


def linked(asset: dg.AssetsDefinition, base_url: str | None) -> dg.AssetsDefinition:
    """The asset with a link to its code: in the repository whose root has this URL, or to the file at hand."""
    compute: Any = asset.op.compute_fn
    code = compute.decorated_fn.__code__

    def with_link(spec: dg.AssetSpec) -> dg.AssetSpec:
        sql = PACKAGE / "curated" / f"{spec.key.path[-1]}.sql"
        link = (
            _link(sql, 1, base_url)
            if sql.is_file()
            else _link(Path(code.co_filename), code.co_firstlineno, base_url)
        )
        return spec.merge_attributes(metadata={"dagster/code_references": link})

    return asset.map_asset_specs(with_link)


def _link(path: Path, line: int, base_url: str | None) -> dg.CodeReferencesMetadataValue:
    with warnings.catch_warnings():
        # links are beta, and the minor version is pinned
        warnings.simplefilter("ignore", dg.BetaWarning)
        place = path.relative_to(PACKAGE.parent)
        reference = (
            dg.UrlCodeReference(url=f"{base_url.rstrip('/')}/{place.as_posix()}#L{line}", label=place.name)
            if base_url
            else dg.LocalFileCodeReference(file_path=str(path), line_number=line, label=place.name)
        )
        return dg.CodeReferencesMetadataValue(code_references=[reference])
