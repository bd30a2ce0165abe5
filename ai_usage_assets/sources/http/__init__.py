"""HTTP for all vendors: one client, paging, retries, rate limits and the decoding of answers."""
