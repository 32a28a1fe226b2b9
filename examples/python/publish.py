#!/usr/bin/env python3
"""Mints a token with the hub's shared secret and publishes one chat message by HTTP.

    TELLTALE_SECRET=… python3 publish.py http://localhost:8000 "The build is green"

Needs the package "PyJWT" (Debian: python3-jwt). Any backend in any language does the same.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

import jwt

if len(sys.argv) != 3:
    sys.exit('Expected two arguments, the hub and a text, like: publish.py http://localhost:8000 "The build is green"')
if "TELLTALE_SECRET" not in os.environ:
    sys.exit("TELLTALE_SECRET is missing: set it to the same secret here and where the hub starts")
hub, text = sys.argv[1], sys.argv[2]
now = int(time.time())
claims = {"iss": "telltale", "aud": "telltale", "sub": "build-server", "iat": now, "exp": now + 60}
token = jwt.encode(claims, os.environ["TELLTALE_SECRET"], algorithm="HS256")

request = urllib.request.Request(
    f"{hub}/api/publish",
    data=json.dumps({"channel": "chat/general", "data": {"text": text}}).encode(),
    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as refused:
    sys.exit(f"Not published: {refused}: {refused.read().decode()}")
except urllib.error.URLError as missed:
    sys.exit(f"Not published, {hub} does not answer: {missed.reason}")
