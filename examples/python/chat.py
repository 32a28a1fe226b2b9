"""Prints what is said in a room, and says there what is typed: each line once, though the connection is cut.
python3 chat.py "ws://localhost:8000/ws/chat/general/" "$(npx telltale token --sub ada)"    # ends with its input"""
import asyncio, json, sys, urllib.parse, uuid, websockets

url, token, newest = sys.argv[1], sys.argv[2], 0
channel = "chat/" + urllib.parse.urlsplit(url).path.strip("/").rsplit("/", 1)[-1]

def plain(text):  # What would move the cursor, turn the line around or be invisible is shown as what it is.
    return "".join(each if each.isprintable() else "\ufffd" for each in text)

def show(messages):
    global newest
    for message in messages:
        event, by = message["data"], message["from"]
        if event["type"] == "said" and "deleted" not in event and message["offset"] > newest:
            print(f"{message['offset']} {plain(by.get('name') or by['subject'])}: {plain(event['text'])}", flush=True)
        newest = max(newest, message["offset"])

async def read(socket, answers):
    async for text in socket:
        frame = json.loads(text)
        if frame["type"] == "messages" and frame["channel"] == channel: show(frame["messages"])
        if frame["type"] in ("result", "error"): answers.put_nowait(frame)
    raise ConnectionError("the hub closed the connection")

async def first(*tasks):  # The result of the first that is done, or its failure.
    return (await asyncio.wait(tasks, return_when="FIRST_COMPLETED"))[0].pop().result()

async def chat():
    lines, once = asyncio.StreamReader(), {"producer": uuid.uuid4().hex, "seq": 1}
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    line = asyncio.create_task(lines.readline())
    while True:
        try:
            async with websockets.connect(url, subprotocols=["telltale.v1", f"bearer.{token}"]) as socket:
                reading = asyncio.create_task(read(socket, answers := asyncio.Queue()))
                while text := (await first(line, reading)).decode(errors="replace"):
                    data = {"text": text.strip()}
                    publish = {"type": "publish", "id": once["seq"], "channel": channel, "data": data, "once": once}
                    await socket.send(json.dumps(publish))
                    answer = await first(asyncio.create_task(answers.get()), reading)
                    if answer.get("retryable"): await asyncio.sleep(answer.get("retryAfterMs", 1000) / 1000)
                    else:
                        if answer["type"] == "error": print(f"Not said: {answer['message']}", flush=True)
                        line, once["seq"] = asyncio.create_task(lines.readline()), once["seq"] + 1
                return
        except (OSError, websockets.WebSocketException) as lost:
            if "HTTP 40" in str(lost) or "received 44" in str(lost): sys.exit(f"Ended: {lost}")
            await asyncio.sleep(1)  # What had no answer is sent again with its number, and stored once.
asyncio.run(chat())
