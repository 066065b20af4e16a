"""A device that exists only as a clock: it is busy for as long as the kernels given to it last.

Kernels run one after another, as on a stream; launching does not wait. The state is 64 bytes of
shared memory, read by ../fake-gpu.mjs: sequence, busy ns of what is over, start and end of the current stretch of
work (CLOCK_MONOTONIC), memory held in MiB, load of the kernels in thousandths, pid, 0.
"""

import mmap
import os
import struct
import time

STATE = struct.Struct("=8Q")


class Device:
    def __init__(self, path, memory_mib=20000, load=0.9):
        with open(path, "wb") as file:
            file.write(bytes(STATE.size))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), STATE.size)
        self.sequence = self.done = self.start = self.end = 0
        self.memory = memory_mib
        self.load = int(load * 1000)
        self._publish()

    def launch(self, seconds):
        now = time.monotonic_ns()
        length = int(seconds * 1e9)
        if self.end <= now:
            self.done += self.end - self.start
            self.start, self.end = now, now + length
        else:
            self.end += length
        self._publish()

    def queued_seconds(self):
        return max(0, self.end - time.monotonic_ns()) / 1e9

    def busy_seconds(self):
        now = time.monotonic_ns()
        return (self.done + max(0, min(now, self.end) - self.start)) / 1e9

    def _publish(self):
        self.sequence += 2
        fields = (self.done, self.start, self.end, self.memory, self.load, os.getpid(), 0)
        # Odd while it is being written: a reader then looks again.
        struct.pack_into("=Q", self.map, 0, self.sequence - 1)
        struct.pack_into("=7Q", self.map, 8, *fields)
        struct.pack_into("=Q", self.map, 0, self.sequence)
