"""Every table, declared once as frozen data. Everything else (DDL, Arrow, checks, docs) is a projection of it."""
