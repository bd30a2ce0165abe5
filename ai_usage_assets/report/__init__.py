"""The usage report: DataFrames of a month become one HTML file. It knows neither Dagster nor the warehouse.

`page.build` makes a page and `files.write` stores it. pandas, Jinja and Altair are imported when a page is built.
"""
