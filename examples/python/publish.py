#!/usr/bin/env python3
"""Mints a token with the hub's shared secret and publishes one chat message by HTTP.

    TELLTALE_SECRET=… python3 publish.py http://localhost:8000 "The build is green"

Needs the package "PyJWT" (Debian: python3-jwt). Any backend in any language does the same.
"""

import json
import os
import sys
import time
import urllib.request

import jwt

hub, text = sys.argv[1], sys.argv[2]
now = int(time.time())
claims = {"iss": "telltale", "aud": "telltale", "sub": "build-server", "iat": now, "exp": now + 60}
token = jwt.encode(claims, os.environ["TELLTALE_SECRET"], algorithm="HS256")

request = urllib.request.Request(
    f"{hub}/api/publish",
    data=json.dumps({"channel": "chat/general", "data": {"text": text}}).encode(),
    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
