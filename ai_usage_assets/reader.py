"""`python -m ai_usage_assets.reader`: the command's name; its code is `ops/reader_dataset.py`."""

from ai_usage_assets.ops import reader_dataset

if __name__ == "__main__":
    reader_dataset.run()
