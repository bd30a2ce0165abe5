"""The assets with a partition for each month, which a person materializes: closed months."""

from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.settings import Settings

defs = build_monthly_defs(Settings.from_env())
