#!/usr/bin/env python3
"""Reports this machine and a log's lines, each exactly once. Needs Linux and "websockets" (Debian: python3-websockets).

    python3 agent.py http://localhost:8000 app.log agent.json ten_…    # the token for the first run only
"""

import asyncio
import json
import sys
from contextlib import suppress

import websockets
from outbox import open_outbox


async def ask(socket, frame):
    await socket.send(json.dumps(frame))
    while (answer := json.loads(await socket.recv()))["type"] not in ("result", "error"):
        pass  # Pings, and how often samples are wanted: this agent has a pace of its own.
    return answer


async def report(outbox):
    socket = await websockets.connect(outbox.url, subprotocols=outbox.subprotocols)
    try:
        welcome = json.loads(await socket.recv())
        await outbox.take(await ask(socket, outbox.status(welcome["time"])))
        while True:
            await outbox.take(await ask(socket, await outbox.next()))
    finally:
        await socket.close(reason="stopped")


with suppress(KeyboardInterrupt):
    outbox = open_outbox(*sys.argv[1:])
    while True:
        try:
            asyncio.run(report(outbox))
        except (OSError, websockets.WebSocketException) as lost:
            outbox.pause_after(lost)
