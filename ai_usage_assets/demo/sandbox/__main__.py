"""`python -m ai_usage_assets.demo.sandbox`: run the sandbox in the foreground, and print the variables to export."""

import argparse
import socket
from pathlib import Path

import uvicorn

from ai_usage_assets.demo.sandbox.company import identity
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import Sandbox, uvicorn_config


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ai_usage_assets.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port (default: a free one)")
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--strict-limits", action="store_true", help="apply Cursor's rate limits per minute")
    parser.add_argument(
        "--identity",
        type=Path,
        help="write the identity files of the sample company to this folder, and exit",
    )
    options = parser.parse_args()
    company = Company(options.people, options.seed)
    if options.identity:
        identity.write(company, options.identity)
        return
    sandbox = Sandbox(company, None, options.strict_limits)
    listener = socket.create_server(("127.0.0.1", options.port))
    sandbox.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    exports = sandbox.environment
    if options.strict_limits:
        del exports["CURSOR_REQUESTS_PER_MINUTE"]
    for name, value in exports.items():
        print(f"export {name}={value}", flush=True)
    uvicorn.Server(uvicorn_config(sandbox)).run([listener])


if __name__ == "__main__":
    main()
