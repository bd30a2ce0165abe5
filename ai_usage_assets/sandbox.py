"""`python -m ai_usage_assets.sandbox`: the command's name; its code is `demo/sandbox/`."""

from ai_usage_assets.demo.sandbox.__main__ import main

if __name__ == "__main__":
    main()
