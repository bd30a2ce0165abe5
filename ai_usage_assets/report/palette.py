"""Colors of charts: one for each platform, everywhere. They are readable on white and on the dark page.

Text and lines have colors that the style sheet replaces in the dark.
"""

TEXT, MUTED, LINE = "#1c2430", "#59636f", "#d9dee5"
NEUTRAL = "#64748b"
LIGHT = "#b6c2d1"
PLATFORM_COLORS = {"anthropic": "#c15f3c", "claude_code": "#7c5cd6", "cursor": "#0f8578"}
OTHER_COLORS = ("#a16207", "#be3a6a", "#3b6fc4")
"""Of platforms that are added later."""
LEVELS = {"light": "#8fb3d9", "moderate": "#4a80bd", "heavy": "#2b5a91"}


def platform_color(platform: str) -> str:
    return PLATFORM_COLORS.get(platform) or OTHER_COLORS[sum(platform.encode()) % len(OTHER_COLORS)]
