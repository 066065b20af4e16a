"""A training loop around the simulated device; where its data comes from is the case.

--feed cold      loader processes read small random blocks that are in no cache
--feed cpu       loader processes compute each batch
--feed ready     the data is there at once: the device is kept full
--feed launch    no data at all: one Python thread launches many tiny kernels
--feed none      memory is held and nothing runs

The account that is written at the end says who waited for whom, by the program's own stopwatch; the truth of the case
rests on it, and the fake GPU never sees it.
"""

import argparse
import json
import multiprocessing
import os
import queue
import random
import time

from device import Device

BLOCK = 4096


def cold_batch(file, size, reads):
    for _ in range(reads):
        offset = random.randrange(0, size // BLOCK) * BLOCK
        os.pread(file, BLOCK, offset)
        os.posix_fadvise(file, offset, BLOCK, os.POSIX_FADV_DONTNEED)


def cpu_batch(seconds):
    """Work of a fixed amount of CPU, however long it takes: a busier machine makes it late."""
    end = time.thread_time() + seconds
    x = 1
    while time.thread_time() < end:
        for _ in range(200):
            x = (x * 1103515245 + 12345) & 0x7FFFFFFF


def load(options, batches, account, stop):
    reading = blocked = working = 0.0
    if options.feed == "cold":
        file = os.open(options.data, os.O_RDONLY)
        size = os.fstat(file).st_size
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    while not stop.is_set():
        began = time.monotonic()
        cpu = time.thread_time()
        if options.feed == "cold":
            cold_batch(file, size, options.reads)
            reading += time.monotonic() - began - (time.thread_time() - cpu)
        elif options.feed == "cpu":
            cpu_batch(options.batch_cpu)
        else:
            cpu_batch(0.001)
        working += time.monotonic() - began
        began = time.monotonic()
        while not stop.is_set():
            try:
                batches.put(1, timeout=0.2)
                break
            except queue.Full:
                pass
        blocked += time.monotonic() - began
    account.put({"reading": reading, "blocked": blocked, "working": working})


def train(options, device, batches):
    waited = 0.0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        began = time.monotonic()
        batches.get()
        waited += time.monotonic() - began
        device.launch(options.step)
        # A framework runs a few launches ahead of its device, and no further.
        ahead = device.queued_seconds() - 2 * options.step
        if ahead > 0:
            time.sleep(ahead)
    return waited


def launch_many(options, device):
    end = time.monotonic() + options.seconds
    x = 1
    while time.monotonic() < end:
        for _ in range(1000):
            x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        device.launch(options.step)
    return 0.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--feed", choices=["cold", "cpu", "ready", "launch", "none"], required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--data")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--step", type=float, default=0.02)
    parser.add_argument("--batch-cpu", type=float, default=0.05)
    parser.add_argument("--reads", type=int, default=400)
    options = parser.parse_args()

    device = Device(options.device)
    began = time.monotonic()
    accounts, waited = [], 0.0
    worker_cpu = 0.0
    if options.feed == "none":
        time.sleep(options.seconds)
    elif options.feed == "launch":
        waited = launch_many(options, device)
    else:
        batches = multiprocessing.Queue(maxsize=max(2, 2 * options.workers))
        account = multiprocessing.Queue()
        stop = multiprocessing.Event()
        arguments = (options, batches, account, stop)
        workers = [multiprocessing.Process(target=load, args=arguments) for _ in range(options.workers)]
        for worker in workers:
            worker.start()
        waited = train(options, device, batches)
        stop.set()
        accounts = [account.get(timeout=10) for _ in workers]
        batches.cancel_join_thread()
        for worker in workers:
            worker.terminate()
            worker.join()
        children = os.times()
        worker_cpu = children.children_user + children.children_system
    seconds = time.monotonic() - began
    with open(options.account, "w", encoding="utf-8") as file:
        share = lambda key: sum(a[key] for a in accounts) / seconds / max(1, len(accounts))
        json.dump(
            {
                "deviceBusyShare": device.busy_seconds() / seconds,
                "waitedForDataShare": waited / seconds,
                "mainCpuShare": time.process_time() / seconds,
                "workerCpuShare": worker_cpu / seconds / max(1, options.workers),
                "workerReadingShare": share("reading"),
                "workerBlockedShare": share("blocked"),
                "workerWorkingShare": share("working"),
            },
            file,
        )


if __name__ == "__main__":
    main()
