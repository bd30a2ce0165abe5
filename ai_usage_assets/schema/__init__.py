"""The declarations of all tables, as frozen data. DDL, Arrow schemas, asset checks and documents are derived from them."""
