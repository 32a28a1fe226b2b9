"""What this Linux machine says of itself, in the shapes a hub expects (packages/agent/src/sample.ts)."""

import hashlib
import os
import platform
import shutil
import time


def fingerprint():
    """The same at every start, and another's on no other machine. The machine's own id stays here."""
    own = os.environ.get("TELLTALE_MACHINE_ID") or read("/etc/machine-id")
    return hashlib.sha256(f"telltale-agent:{own}".encode()).hexdigest()


def facts():
    return {"title": platform.node(), "platform": f"{platform.system()} {platform.release()}", "cores": os.cpu_count()}


def ticks():
    """Of all cores together, then of each: time since the machine started, and how much of it was idle."""
    rows = [[int(tick) for tick in row.split()[1:9]] for row in read("/proc/stat").splitlines() if row[:3] == "cpu"]
    return [(sum(row), row[3] + row[4]) for row in rows]


def sample(before, now, interval_ms):
    """A reading of everything; shares of CPU are those between two readings of the ticks."""
    spent = [(all1 - all0, idle1 - idle0) for (all0, idle0), (all1, idle1) in zip(before, now)]
    total, *cores = [min(100, max(0, 100 - 100 * idle / max(1, every))) for every, idle in spent]
    kib = {row.split(":")[0]: int(row.split()[1]) for row in read("/proc/meminfo").splitlines()}
    disk = shutil.disk_usage("/")
    return {
        "at": int(time.time() * 1000),
        "intervalMs": interval_ms,
        "cpu": {"total": total, "cores": cores, "load": os.getloadavg()},
        "memory": {"used": (kib["MemTotal"] - kib["MemAvailable"]) * 1024, "total": kib["MemTotal"] * 1024},
        "disks": [{"mount": "/", "used": disk.used, "total": disk.total}],
        "uptime": float(read("/proc/uptime").split()[0]),
    }


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
