#!/usr/bin/env python3
"""Watches a dashboard's socket and prints each message: one JSON object per WebSocket message.

    python3 watch.py "ws://localhost:8000/ws/dashboard/?token=$(npx telltale token --sub laptop)"

Needs the package "websockets" (Debian: python3-websockets).
"""

import asyncio
import json
import sys

import websockets


async def watch(url):
    async with websockets.connect(url, max_size=None) as socket:
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] != "ping":
                print(json.dumps(frame), flush=True)


if len(sys.argv) != 2:
    sys.exit('Expected one address, like "ws://localhost:8000/ws/dashboard/?token=…"')
try:
    asyncio.run(watch(sys.argv[1]))
except KeyboardInterrupt:
    pass
except websockets.ConnectionClosed as ended:
    sys.exit(f"The connection ended: {ended}")
except (OSError, websockets.InvalidURI) as missed:
    sys.exit(f"Not connected: {missed}")
except websockets.InvalidHandshake as refused:
    # The body of the answer is the refusal in words; older versions of the package do not read it.
    body = getattr(getattr(refused, "response", None), "body", None)
    words = body.decode() if body else "the hub's log says why"
    sys.exit(f"Not connected: {refused}: {words}")
