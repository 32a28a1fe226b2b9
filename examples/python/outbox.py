"""What agent.py says, one thing at a time, and the file that keeps it: who this machine is, how far its log is read,
and what has no answer yet. That goes again under the same number, from a later process too: the hub takes each once.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
import urllib.error
import urllib.request
import uuid

import machine

INTERVAL_MS = 10_000
# What a client stops at by PROTOCOL.md: the status of a refusal, the code of an end.
FINAL = {400, 401, 403, 404, 4400, 4401, 4403, 4404, 4409, 4410}


def open_outbox(hub="", log="", file="", token="", *more):
    if not re.match("https?://", hub) or not file or more:
        sys.exit("Expected a hub, a log and a file to keep, like: agent.py http://localhost:8000 app.log agent.json")
    hub = hub.rstrip("/")
    try:
        if os.path.exists(file):
            return Outbox(hub, log, file, json.loads(machine.read(file)))
        if not token:
            sys.exit(f"There is no {file} yet: add an enrolment token, which an admin makes on the Agents page")
        kept = {**enrol(hub, token), "producer": uuid.uuid4().hex, "seq": {}, "read": 0, "next": None}
        outbox = Outbox(hub, log, file, kept)
        outbox.save()
        return outbox
    except OSError as missed:
        sys.exit(f"Not started: {missed}")


def enrol(hub, token):
    """Exchanges the token for the name and the credential of an agent."""
    body = {"token": token, "machine": machine.fingerprint(), "title": machine.facts()["title"]}
    headers = {"Content-Type": "application/json"}
    try:
        request = urllib.request.Request(f"{hub}/api/enrol", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit(f"Not enrolled: {refused}: {refused.read().decode()}")
    except urllib.error.URLError as missed:
        sys.exit(f"Not enrolled, {hub} does not answer: {missed.reason}")


class Outbox:
    def __init__(self, hub, log, file, kept):
        self.log, self.file, self.kept, self.agent = log, file, kept, kept["agent"]
        self.log_name = re.sub("[^a-z0-9._-]", "-", os.path.basename(log).lower())[:64]
        self.url = f"{hub.replace('http', 'ws', 1)}/ws/agents/{self.agent}/?machine={machine.fingerprint()}"
        # A header would do as well, but its argument has another name in each major version of the package.
        self.subprotocols = ["telltale.v1", f"bearer.{kept['credential']}"]
        self.ticks, self.sample_due = machine.ticks(), time.monotonic() + 1

    def status(self, hub_time):
        files = [{"file": self.log_name, "title": os.path.abspath(self.log)}]
        line = {"clockOffsetMs": machine.now() - hub_time, "behindMs": 0, "spooledBytes": 0}
        params = {"version": "agent.py", **machine.facts(), **line, "files": files}
        return {"type": "call", "id": 1, "method": "agent.status", "params": params}

    async def next(self):
        """What has no answer yet, else what is new; waits until something is."""
        while not self.kept["next"]:
            if time.monotonic() >= self.sample_due:
                before, self.ticks = self.ticks, machine.ticks()
                self.sample_due = time.monotonic() + INTERVAL_MS / 1000
                self.keep(f"metrics/{self.agent}", machine.sample(before, self.ticks, INTERVAL_MS))
                break
            line, end = machine.next_line(self.log, self.kept["read"])
            if line:
                self.kept["read"] = end
                self.keep(f"logs/{self.agent}/{self.log_name}", line)
            else:
                await asyncio.sleep(0.5)
        return self.kept["next"]

    def keep(self, channel, data):
        once = {"producer": self.kept["producer"], "seq": self.kept["seq"].get(channel, 0) + 1}
        self.kept["next"] = {"type": "publish", "id": 2, "channel": channel, "once": once, "data": data}
        self.save()

    async def take(self, answer):
        """Goes on after a result. What had an error is said again, but for one that would stay the same."""
        if answer["type"] == "error":
            if not answer["retryable"]:
                sys.exit(f"The hub does not take it: {answer['code']} {answer['message']}")
            if "expected" in answer:
                self.kept["next"]["once"]["seq"] = answer["expected"]
            await asyncio.sleep(answer.get("retryAfterMs", 1000) / 1000)
        elif answer["id"] == 2:
            self.kept["seq"][self.kept["next"]["channel"]] = self.kept["next"]["once"]["seq"]
            self.kept["next"] = None
        self.save()

    def save(self):
        with open(f"{self.file}.new", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            json.dump(self.kept, new)
        os.replace(new.name, self.file)

    def pause_after(self, lost):
        """Says why there is no line; ends the program where that would stay the same."""
        refusal, end = getattr(lost, "response", lost), getattr(lost, "rcvd", None)
        # The body of a refusal is the refusal in words; older versions of the package do not read it.
        body = getattr(refusal, "body", None)
        words = f"{lost}: {body.decode()}" if body else f"{lost}"
        if {getattr(refusal, "status_code", None), getattr(end, "code", None)} & FINAL:
            sys.exit(f"Ended: {words}")
        print(f"Trying again: {words}", file=sys.stderr)
        time.sleep(random.uniform(0, 2))
