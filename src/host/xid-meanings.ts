/** What an XID says, and what to do about it. */
export interface XidMeaning {
  readonly meaning: string;
  /** `hardware`: the GPU or its links; `program`: usually the program's own fault; `driver`: the driver or its firmware. */
  readonly cause: 'hardware' | 'program' | 'driver';
  readonly endsWork: boolean;
  /** What becomes of the work on the GPU. */
  readonly work: string;
  /** What to do. */
  readonly next: string;
}

const debug = 'Look into the program first: compute-sanitizer names the kernel and the line';
const reset =
  'Reset the GPU (sudo nvidia-smi -r) or reboot; if it comes back, hand the machine back';
const endsThis = 'ends the work of that process';
const endsAll = 'ends all work on that GPU until it is reset';

/**
 * The codes that data-centre jobs meet, of NVIDIA's XID catalogue for Ampere and later
 * (docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html, read 2026-11-23): description, immediate action
 * and trigger conditions there.
 */
const meanings: Readonly<Record<number, XidMeaning>> = {
  13: {
    meaning: 'an exception in a kernel, often an access out of bounds',
    cause: 'program',
    endsWork: true,
    work: endsThis,
    next: debug,
  },
  31: {
    meaning: 'a page fault in GPU memory, often an illegal address',
    cause: 'program',
    endsWork: true,
    work: endsThis,
    next: debug,
  },
  43: {
    meaning: 'the program met a fault of its own and had to end; the GPU is sound',
    cause: 'program',
    endsWork: true,
    work: endsThis,
    next: debug,
  },
  45: {
    meaning:
      "a program's work was taken off the GPU: it was stopped or killed, or another XID ended it",
    cause: 'program',
    endsWork: true,
    work: endsThis,
    next: 'Nothing, if somebody stopped it; else go by the other XIDs of that GPU',
  },
  46: {
    meaning: 'the GPU stopped processing',
    cause: 'hardware',
    endsWork: true,
    work: endsAll,
    next: reset,
  },
  48: {
    meaning: 'an uncorrectable memory error (double-bit ECC)',
    cause: 'hardware',
    endsWork: true,
    work: 'ends the work that used that memory',
    next: reset,
  },
  62: {
    meaning: 'a micro-controller of the GPU halted',
    cause: 'hardware',
    endsWork: true,
    work: endsAll,
    next: reset,
  },
  63: {
    meaning: 'a failing row or page of memory is marked to be replaced',
    cause: 'hardware',
    endsWork: false,
    work: 'ends no work by itself',
    next: 'Reset the GPU between two jobs: the replacement takes effect then',
  },
  64: {
    meaning: 'a failing row or page of memory could not be replaced',
    cause: 'hardware',
    endsWork: false,
    work: 'leaves bad memory in use',
    next: 'Reset the GPU and hand the machine back',
  },
  74: {
    meaning: 'an error on an NVLink connection, of this GPU or of the one at its other end',
    cause: 'hardware',
    endsWork: true,
    work: 'ends the work that used the link',
    next: `${reset}; nvidia-smi nvlink -e shows which link`,
  },
  79: {
    meaning: 'the GPU has fallen off the bus: the driver cannot reach it any more',
    cause: 'hardware',
    endsWork: true,
    work: 'ends all work on that GPU until the machine is restarted',
    next: 'Restart the machine; if it comes back, hand the machine back',
  },
  94: {
    meaning: 'a memory error that was contained to one program',
    cause: 'hardware',
    endsWork: true,
    work: endsThis,
    next: 'Start that program again; reset the GPU when it is free',
  },
  95: {
    meaning: 'a memory error that was not contained',
    cause: 'hardware',
    endsWork: true,
    work: endsAll,
    next: reset,
  },
  109: {
    meaning: 'a change of context timed out',
    cause: 'driver',
    endsWork: true,
    work: endsAll,
    next: reset,
  },
  119: {
    meaning: "the GPU's system processor (GSP) did not answer the driver in time",
    cause: 'driver',
    endsWork: true,
    work: 'can end all work on that GPU',
    next: `${reset}, or try another driver`,
  },
  120: {
    meaning: "an error in the GPU's system processor (GSP)",
    cause: 'driver',
    endsWork: true,
    work: 'can end all work on that GPU',
    next: `${reset}, or try another driver`,
  },
  140: {
    meaning: 'an uncorrectable memory error that the driver could not handle',
    cause: 'hardware',
    endsWork: true,
    work: 'ends the work that used that memory',
    next: reset,
  },
  154: {
    meaning: 'the driver changed what it asks for to recover the GPU',
    cause: 'driver',
    endsWork: false,
    work: 'goes with another XID',
    next: 'Do what it asks for: nvidia-smi --query-gpu=index,gpu_recovery_action --format=csv',
  },
};

/** What NVIDIA's catalogue says of a code; null for codes that are not in this short table. */
export function xidMeaning(code: number): XidMeaning | null {
  return meanings[code] ?? null;
}
