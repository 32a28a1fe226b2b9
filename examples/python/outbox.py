"""What agent.py says next, and what it keeps in its file: who it is, and up to where the hub has answered for the log.

A line without an answer goes again with the same number, from a later process too: the hub takes each number once.
"""

import asyncio
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
import uuid

import machine


def new_once():
    return {"producer": uuid.uuid4().hex, "seq": 0}


def open_outbox(words):
    if len(words) not in (3, 4):
        sys.exit("Expected the hub, a log, a file to keep and at first a token: http://localhost:8000 app.log agent.json ten_…")
    hub, log, file = words[:3]
    if not os.path.exists(file) and len(words) == 3:
        sys.exit(f"There is no {file} yet: add an enrolment token, which the Agents page makes")
    kept = json.loads(machine.read(file)) if os.path.exists(file) else enrol(hub, words[3])
    return Outbox(hub, log, file, kept)


def enrol(hub, token):
    body = {"token": token, "machine": machine.fingerprint(), "title": machine.facts()["title"]}
    headers = {"Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{hub}/api/enrol", json.dumps(body).encode(), headers)) as answer:
            return {**json.load(answer), "read": 0, "once": new_once()}
    except urllib.error.HTTPError as refused:
        sys.exit(f"Not enrolled: {refused}: {refused.read().decode()}")
    except urllib.error.URLError as missed:
        sys.exit(f"Not enrolled, {hub} does not answer: {missed.reason}")


class Outbox:
    def __init__(self, hub, log, file, kept):
        self.log, self.file, self.kept = log, file, kept
        self.agent, self.credential = kept["agent"], kept["credential"]
        self.url = f"{hub.replace('http', 'ws', 1)}/ws/agents/{self.agent}/?machine={machine.fingerprint()}"
        self.log_name = re.sub("[^a-z0-9._-]", "-", os.path.basename(log).lower())[:64]
        # Samples are numbered by this process alone: one that was never sent is not missed.
        self.once = new_once()
        self.ticks, self.interval_ms, self.due = machine.ticks(), 10_000, time.monotonic() + 1
        self.said = self.pending = None
        self.save()

    def save(self):
        with open(f"{self.file}.new", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            json.dump(self.kept, new)
        os.replace(new.name, self.file)

    async def reply(self, frame):
        """What to say after a frame of the hub; None: nothing yet."""
        for row in frame.get("messages", []):
            if row["key"] == "interval":
                self.interval_ms = row["data"]["intervalMs"]
        if frame["type"] == "welcome":
            self.said = self.status(time.time() * 1000 - frame["time"])
        elif frame["type"] == "error":
            await self.wait_after(frame)
        elif frame["type"] == "result":
            if self.said is self.pending:
                self.answered()
            self.said = await self.next()
        else:
            return None
        return self.said

    def status(self, clock_offset_ms):
        files = [{"file": self.log_name, "title": os.path.abspath(self.log)}]
        own = {"version": "agent.py", "clockOffsetMs": clock_offset_ms, "behindMs": 0, "spooledBytes": 0, "files": files}
        return {"type": "call", "id": 1, "method": "agent.status", "params": {**machine.facts(), **own}}

    async def wait_after(self, error):
        if not error["retryable"]:
            sys.exit(f"Not taken: {error['code']} {error['message']}")
        if "expected" in error:
            self.said["once"]["seq"] = error["expected"]
        await asyncio.sleep(error.get("retryAfterMs", 1000) / 1000)

    def answered(self):
        once = self.pending["once"]
        if self.pending["channel"].startswith("logs/"):
            self.kept.update(read=self.read, once=once)
            self.save()
        else:
            self.once = once
        self.pending = None

    async def next(self):
        """What has no answer yet, else what is new; waits until something is."""
        while self.pending is None:
            self.pending = self.next_line() or self.next_sample()
            if self.pending is None:
                await asyncio.sleep(0.5)
        return self.pending

    def next_line(self):
        with open(self.log, "rb") as log:
            # A log that is shorter than before was begun anew.
            start = self.kept["read"] if self.kept["read"] <= os.fstat(log.fileno()).st_size else 0
            log.seek(start)
            line = log.readline(8192)
        if not line.endswith(b"\n") and len(line) < 8192:
            return None
        self.read = start + len(line)
        text = line.decode(errors="replace").rstrip("\r\n")
        data = {"type": "line", "at": int(time.time() * 1000), "text": text}
        return publish(f"logs/{self.agent}/{self.log_name}", self.kept["once"], data)

    def next_sample(self):
        if time.monotonic() < self.due:
            return None
        before, self.ticks = self.ticks, machine.ticks()
        self.due = time.monotonic() + self.interval_ms / 1000
        return publish(f"metrics/{self.agent}", self.once, machine.sample(before, self.ticks, self.interval_ms))


def publish(channel, last, data):
    once = {**last, "seq": last["seq"] + 1}
    return {"type": "publish", "id": 2, "channel": channel, "once": once, "data": data}
