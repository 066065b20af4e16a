"""Names of a host, its cards and its users, replaced by others of the same form: equal where they were equal."""

from __future__ import annotations

import re
from typing import Any, Callable

UUID = re.compile(r"\b(GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I)
BUS = re.compile(r"\b(?:[0-9A-F]{8}|[0-9A-F]{4}):[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F]\b", re.I)
FOLDER = re.compile(r"(?<![\w.:/])/(?:[^\s/,\"']+/)*(?=[^\s/,\"']+)")


class Mask:
    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}
        self.counts: dict[str, int] = {}

    def of(self, kind: str, value: str, form: Callable[[int], str]) -> str:
        if (kind, value) not in self.known:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.known[kind, value] = form(self.counts[kind])
        return self.known[kind, value]

    def text(self, text: str) -> str:
        """Anything in running text: card ids, bus ids, folders, and names that were masked elsewhere."""
        text = UUID.sub(lambda m: self.of("uuid", m[0].lower(), lambda n: f"{m[1].upper()}-a5a5a5a5-0000-4000-8000-{n:012x}"), text)
        text = BUS.sub(lambda m: self.of("bus", m[0].upper()[-12:], lambda n: f"{'0000AAAA' if m[0].index(':') == 8 else 'AAAA'}:{n:02X}:00.0"), text)
        text = FOLDER.sub("/masked/", text)
        for (kind, value), mask in self.known.items():
            if kind in ("host", "user", "container", "pod") and len(value) > 2 and value != "root":
                text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", mask, text)
        return text

    def walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.walk(one) for one in value]
        if isinstance(value, dict):
            return {key: self.walk(one) for key, one in value.items()}
        return value

    def line(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line of a session: first what its keys say is a name, then the texts."""
        line = dict(line)
        if line["kind"] == "header":
            host = line["host"]
            name = self.of("host", host["name"], lambda n: f"host-{n}")
            key = self.of("key", host["key"], lambda n: f"{n:x}".rjust(len(host["key"]), "0"))
            line["host"] = {**host, "name": name, "key": key, "bootedAt": None}
            line["id"] = re.sub(re.escape(host["name"]), name, line["id"])
            if line.get("machine"):
                line["machine"] = {**line["machine"], "launchedAt": None}
        if line["kind"] == "processes":
            line["processes"] = [self.process(one) for one in line["processes"]]
        if line["kind"] == "waits":
            line["mounts"] = [{**one, "point": self.of("mount", one["point"], lambda n: f"/mnt/{n}")} for one in line["mounts"]]
            return {**self.walk({**line, "mounts": []}), "mounts": line["mounts"]}
        return self.walk(line)

    def process(self, process: dict[str, Any]) -> dict[str, Any]:
        owner = process.get("owner")
        if not owner:
            return process
        user, container, pod = owner.get("user"), owner.get("container"), owner.get("pod")
        masked = {
            **owner,
            "user": user and self.of("user", user, lambda n: f"user{n}"),
            "uid": None if owner.get("uid") is None else int(self.of("uid", str(owner["uid"]), lambda n: str(60000 + n))),
            "container": container and {**container, "id": self.of("container", container["id"], lambda n: f"{n:012x}")},
            "pod": pod and {key: value and self.of("pod", value, lambda n: f"pod-{n}") for key, value in pod.items()},
            "slurmJob": owner.get("slurmJob") and self.of("slurm", owner["slurmJob"], str),
            "unit": owner.get("unit") and self.of("unit", owner["unit"], lambda n: f"unit-{n}.{owner['unit'].rsplit('.', 1)[-1]}"),
        }
        return {**process, "owner": masked}
