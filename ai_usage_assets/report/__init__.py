"""The usage report: DataFrames of a month become one HTML file. It knows neither Dagster nor the warehouse.

`build` makes a page and `files.write` stores it. pandas, Jinja and Altair are imported when a page is built.
"""

from ai_usage_assets.report.errors import ReportError
from ai_usage_assets.report.frames import INPUTS, Frames, Input
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import Page, build

__all__ = ["INPUTS", "Frames", "Input", "Options", "Page", "ReportError", "build"]
