"""`python -m ai_usage_assets.start`: the command's name; its code is `ops/start.py`."""

from ai_usage_assets.ops.start import main

if __name__ == "__main__":
    main()
