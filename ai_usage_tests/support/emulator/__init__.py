"""The BigQuery emulator of the tests: it is installed, started and stopped here. The tests know only its address."""
