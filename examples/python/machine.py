"""What this Linux machine has to say, in the shapes of packages/agent/src/sample.ts and run-events.ts."""

import hashlib
import os
import platform
import shutil
import time


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def now():
    return int(time.time() * 1000)


def fingerprint():
    """The same at every start and on no other machine. The machine's own id stays here."""
    own = os.environ.get("TELLTALE_MACHINE_ID") or read("/etc/machine-id")
    return hashlib.sha256(f"telltale-agent:{own}".encode()).hexdigest()


def facts():
    return {"title": platform.node(), "platform": f"{platform.system()} {platform.release()}", "cores": os.cpu_count()}


def next_line(path, start):
    """The line there and where it ends; None until it is whole. One of more than 8 KiB comes as several."""
    with open(path, "rb") as log:
        # A log that is shorter than it was has been begun anew.
        start = start if start <= os.fstat(log.fileno()).st_size else 0
        log.seek(start)
        line = log.readline(8192)
    is_whole = line.endswith(b"\n") or len(line) == 8192
    data = {"type": "line", "at": now(), "text": line.decode(errors="replace").rstrip("\r\n")}
    return (data if is_whole else None), start + len(line)


def ticks():
    """Of all cores together, then of each: time since the machine started, and how much of it was idle."""
    rows = [row.split() for row in read("/proc/stat").splitlines() if row.startswith("cpu")]
    spent = [[int(tick) for tick in row[1:9]] for row in rows]
    return [(sum(row), row[3] + row[4]) for row in spent]


def sample(before, after, interval_ms):
    """A reading of everything. How busy the cores were is counted from one reading of their ticks to the next."""
    spent = [(late[0] - early[0], late[1] - early[1]) for early, late in zip(before, after)]
    total, *cores = [min(100, max(0, 100 - 100 * idle / max(1, every))) for every, idle in spent]
    kib = {row.split(":")[0]: int(row.split()[1]) for row in read("/proc/meminfo").splitlines()}
    disk = shutil.disk_usage("/")
    return {
        "at": now(),
        "intervalMs": interval_ms,
        "cpu": {"total": total, "cores": cores, "load": os.getloadavg()},
        "memory": {"used": (kib["MemTotal"] - kib["MemAvailable"]) * 1024, "total": kib["MemTotal"] * 1024},
        "disks": [{"mount": "/", "used": disk.used, "total": disk.total}],
        "uptime": float(read("/proc/uptime").split()[0]),
    }
