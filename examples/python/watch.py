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


asyncio.run(watch(sys.argv[1]))
