"""`usage_report`: a month's page, built from the curated tables. The page itself is made in the package `report`."""

import base64
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.asset_functions import Context, Now
from ai_usage_assets.defs.asset_specs import OWNER
from ai_usage_assets.defs.asset_tables import COLUMNS, DAY_COLUMN, MONTHS_BEFORE
from ai_usage_assets.defs.code_links import linked
from ai_usage_assets.defs.partitions import days_of, started_months
from ai_usage_assets.errors import AssetTableError
from ai_usage_assets.report.frames import INPUTS, Frames, Input
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.settings import Settings

if TYPE_CHECKING:
    from ai_usage_assets.report.page import Page
    from ai_usage_assets.warehouse.engine import Engine

NAME = "usage_report"
PEOPLE = "By person"
"""The chart that is not in Dagster's records: it may name people."""
DESCRIPTION = (
    "One file is a calendar month: what it cost, why, whether it ties to the invoices, and who uses what. It is written to "
    "AI_USAGE_REPORT_DIR. Materializing a month again replaces its page."
)


class ReportFolder(dg.ConfigurableResource[Any]):
    """Where pages are written, and whether they name people."""

    path: str
    has_names: bool = False


def read(engine: "Engine", month: Days) -> Frames:
    """The report's tables for a month, as the IO manager reads them for the asset.

    Raises:
        AssetTableError: a table or view does not exist yet.
    """
    from ai_usage_assets.defs.asset_rows import as_frame, rows_in

    frames = {}
    with engine.session() as session:
        for name, report_input in INPUTS.items():
            if session.stored_table(name) is None:
                raise AssetTableError(
                    f"{name} does not exist in {engine.dataset}.", "Materialize the asset first."
                )
            table = replace(BY_NAME[name], partition=report_input.day)
            frames[name] = as_frame(
                rows_in(session, table, report_input.days(month), report_input.columns or ())
            )
    return frames


def asset_in(name: str, report_input: Input) -> dg.AssetIn:
    """How the asset reads a table: its columns, and only the months that the page needs."""
    metadata: dict[str, Any] = {}
    if report_input.day:
        metadata |= {DAY_COLUMN: report_input.day, MONTHS_BEFORE: report_input.months_before}
    if report_input.columns:
        metadata[COLUMNS] = list(report_input.columns)
    is_monthly = BY_NAME[name].partition is not None
    # a month that is not closed has no partition to read
    mapping = (
        dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True) if is_monthly else None
    )
    return dg.AssetIn(key=name, metadata=metadata, partition_mapping=mapping)


def asset(settings: Settings, clock: Clock) -> dg.AssetsDefinition:
    """The asset, with a partition for each month since the start date, the running one included."""
    with warnings.catch_warnings():
        # backfill_policy and partition mappings are beta, and the minor version is pinned
        warnings.simplefilter("ignore", dg.BetaWarning)
        made = dg.asset(
            name=NAME,
            ins={name: asset_in(name, report_input) for name, report_input in INPUTS.items()},
            partitions_def=started_months(settings.start_date, clock),
            backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=1),
            group_name="report",
            kinds={"html"},
            owners=[OWNER],
            description=DESCRIPTION,
        )(usage_report)
    return linked(made, settings.code_url)


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    return dg.Definitions(assets=[asset(settings, clock)], resources={"report_folder": resource(settings)})


def usage_report(
    context: Context, report_folder: ReportFolder, now: Now, **frames: Any
) -> dg.MaterializeResult[Any]:
    """The month's page. Each input is a DataFrame of the months that the page needs."""
    from ai_usage_assets.report.files import secret_of, write
    from ai_usage_assets.report.options import Options
    from ai_usage_assets.report.page import build

    folder = Path(report_folder.path)
    options = Options(has_names=report_folder.has_names, built_at=now(), secret=secret_of(folder))
    page = build(frames, days_of(context), options)
    return dg.MaterializeResult(metadata=metadata(page, write(page, folder)))


def metadata(page: "Page", path: Path) -> dict[str, Any]:
    """What Dagster's UI shows of a page: its total, its file, and its charts as images."""
    return {
        "total_usd": dg.MetadataValue.float(float(page.figures.total_usd)),
        "path": dg.MetadataValue.path(path),
        "bytes": page.bytes,
        "charts": dg.MetadataValue.md(
            "\n\n".join(image(*chart) for chart in page.charts.items() if chart[0] != PEOPLE)
        ),
    }


def image(title: str, svg: str) -> str:
    """A chart in Markdown, with the image in the text itself."""
    return f"### {title}\n\n![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8')).decode('ascii')})"


def resource(settings: Settings) -> ReportFolder:
    return ReportFolder(path=str(settings.report_dir), has_names=settings.has_names_in_reports)
