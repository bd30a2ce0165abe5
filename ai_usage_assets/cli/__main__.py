"""`python -m ai_usage_assets.cli`: the command `ai-usage` where it is not installed."""

from ai_usage_assets.cli.main import main

if __name__ == "__main__":
    main()
