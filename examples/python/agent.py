"""Reports each line of standard input once, though the connection is cut; killed, it loses what is unsaid.
tail -F app.log | python3 agent.py http://localhost:8000 agent.json ten_…    # the token at first only"""
import asyncio, json, os, pathlib, platform, re, sys, time, urllib.request, uuid, websockets

hub, file, token, title = sys.argv[1], pathlib.Path(sys.argv[2]), "".join(sys.argv[3:]), platform.node()
machine = uuid.uuid5(uuid.NAMESPACE_DNS, os.environ.get("TELLTALE_MACHINE_ID", title)).hex
enrolment = json.dumps({"token": token, "machine": machine, "title": title}).encode()
request = urllib.request.Request(f"{hub}/api/enrol", enrolment, {"Content-Type": "application/json"})
status = {"version": "agent.py", "title": title, "platform": sys.platform, "cores": os.cpu_count(),
          "clockOffsetMs": 0, "behindMs": 0, "spooledBytes": 0, "files": [{"file": "stdin", "title": "pipe"}]}
os.umask(0o077)  # The credential is nobody else's to read.

async def ask(socket, **frame):
    await socket.send(json.dumps({"id": 1, **frame}))
    while (reply := json.loads(await socket.recv()))["type"] != "result":  # Pings come between.
        if reply["type"] == "error": raise (OSError if reply["retryable"] else SystemExit)(reply["message"])

async def report():
    lines, once = asyncio.StreamReader(), {"producer": uuid.uuid4().hex, "seq": 1}
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    line = asyncio.create_task(lines.readline())
    while True:
        try:
            file.exists() or file.write_bytes(urllib.request.urlopen(request).read())
            agent, credential = map(json.loads(file.read_bytes()).get, ("agent", "credential"))
            url = f"{hub.replace('http', 'ws', 1)}/ws/agents/{agent}/?machine={machine}"
            socket = await websockets.connect(url, subprotocols=["telltale.v1", f"bearer.{credential}"])
            while True:
                await ask(socket, type="call", method="agent.status", params=status)
                while (await asyncio.wait([line], timeout=10))[0]:  # Else it asks, to notice a dead line.
                    if not line.result(): return await socket.close(reason="stopped")
                    text = line.result().decode(errors="replace").rstrip("\n")[:16384]
                    data = {"type": "line", "at": time.time_ns() // 10**6, "text": text}
                    await ask(socket, type="publish", channel=f"logs/{agent}/stdin", once=once, data=data)
                    line, once["seq"] = asyncio.create_task(lines.readline()), once["seq"] + 1
        except (OSError, websockets.WebSocketException) as lost:
            if re.search("HTTP (Error )?40[0134]|received 44(0[^8]|10)", str(lost)):
                sys.exit(f"Ended: {lost} {getattr(lost, 'read', bytes)().decode()}")
            await asyncio.sleep(2)
asyncio.run(report())
