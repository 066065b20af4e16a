"""What nvidia-smi prints while a run is on, as it prints it, with the time at which each line came."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from pathlib import Path

SMI = os.environ.get("GPUCOST_NVIDIA_SMI") or "nvidia-smi"
FIELDS = [
    "timestamp", "driver_version", "index", "uuid", "name", "pci.bus_id", "pcie.link.gen.current", "pcie.link.gen.max",
    "pcie.link.width.current", "pcie.link.width.max", "display_active", "persistence_mode", "pstate",
    "clocks_event_reasons.active", "memory.total", "memory.used", "utilization.gpu", "utilization.memory",
    "temperature.gpu", "power.draw", "power.limit", "enforced.power.limit", "clocks.current.sm",
    "clocks.current.memory", "clocks.max.sm", "clocks.max.memory", "mig.mode.current",
]
APPS = ["--query-compute-apps=timestamp,gpu_uuid,pid,process_name,used_gpu_memory", "--format=csv,noheader"]
POLL_S = 5.0


class Capture:
    """A loop of --query-gpu each second and the process list every 5 s, from start to `end`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[tuple[int, str]] = []
        self.apps: list[tuple[int, list[str]]] = []
        self.over = threading.Event()
        self.child: subprocess.Popen[str] | None = None
        offered = set(re.findall(r'^"([\w.]+)"', said("--help-query-gpu"), re.M))
        self.fields = [field for field in FIELDS if field in offered]
        self.version = said("--version").splitlines()
        if not {"timestamp", "index"} <= offered:
            return
        command = [SMI, f"--query-gpu={','.join(self.fields)}", "--format=csv", "-lms", "1000"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.threads = [threading.Thread(target=one, daemon=True) for one in (self.read, self.poll)]
        for thread in self.threads:
            thread.start()

    def read(self) -> None:
        assert self.child is not None and self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.append((int(time.time() * 1000), line.rstrip("\n")))

    def poll(self) -> None:
        while not self.over.is_set():
            rows = [row for row in said(*APPS).splitlines() if row.count(",") >= 4]
            without_time = [row.split(",", 1)[1] for row in rows]
            if not self.apps or without_time != [row.split(",", 1)[1] for row in self.apps[-1][1]]:
                self.apps.append((int(time.time() * 1000), rows))
            self.over.wait(POLL_S)

    def end(self) -> None:
        self.over.set()
        if self.child is None:
            return
        self.child.kill()
        self.child.wait()
        for thread in self.threads:
            thread.join(timeout=10)
        raw = {"version": self.version, "query": self.lines, "processes": self.apps}
        self.path.write_text(json.dumps(raw) + "\n", encoding="utf-8")


def said(*args: str) -> str:
    try:
        return subprocess.run([SMI, *args], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
