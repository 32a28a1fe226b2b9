#!/usr/bin/env python3
"""Reports this machine and the lines of a log file, each line exactly once, whatever breaks in between.

    python3 agent.py http://localhost:8000 app.log agent.json ten_…

The enrolment token is for the first run: agent.json then has what later ones need. Beside it are outbox.py, which says
what goes next, and machine.py, which reads Linux. Needs the package "websockets" (Debian: python3-websockets).
"""

import asyncio
import json
import sys

import websockets
from outbox import open_outbox


async def report(outbox):
    await asyncio.sleep(1)  # Between two tries.
    # "Authorization: Bearer …" does as well, but the argument for headers has another name in each major version.
    async with websockets.connect(outbox.url, subprotocols=["telltale.v1", f"bearer.{outbox.credential}"]) as socket:
        try:
            async for text in socket:
                if reply := await outbox.reply(json.loads(text)):
                    await socket.send(json.dumps(reply))
        finally:
            await socket.close(reason="stopped")


outbox = open_outbox(sys.argv[1:])
while True:
    try:
        asyncio.run(report(outbox))
    except KeyboardInterrupt:
        break
    except (OSError, websockets.WebSocketException) as lost:
        print(f"Trying again: {lost}", file=sys.stderr)
        answer = getattr(lost, "response", None) or getattr(lost, "rcvd", None) or lost
        if getattr(answer, "status_code", getattr(answer, "code", 0)) in (400, 401, 403, 404, 4403, 4409, 4410):
            sys.exit("PROTOCOL.md says what a client stops at")
