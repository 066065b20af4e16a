/** What nvidia-smi says on stdout where a row should be. */
export interface DriverMessage {
  /** `gpu`: one GPU fails, others may go on. `field`: this driver does not know a field that we asked for. */
  readonly kind: 'gpu' | 'driver' | 'field';
  /** nvidia-smi's own words. */
  readonly words: string;
  /** The PCI bus id or the field that the message names. */
  readonly about: string | null;
}

const gpuMessage = /^Unable to determine the device handle for GPU\s?([0-9A-Fa-f:.]+): /;
const fieldMessage = /^Field "([^"]+)" is not a valid field to query/;

/** The ways in which nvidia-smi's errors begin, over drivers 369 to 610; rows begin with a timestamp or a number. */
const driverMessages: readonly RegExp[] = [
  /^Failed to (initialize|properly shut down) NVML/,
  /^NVIDIA-SMI (has failed|couldn't)/,
  /^NVML library version/,
  /^No devices were found/,
  /^Unable to determine/,
  /^(GPU is lost|Unknown Error|Insufficient Permissions|Driver\/library version mismatch)/,
  /^(ERROR|Error|WARNING|Warning)\b/,
  /^the system to recover this GPU/,
  /^Reboot the system/,
  /^Option .* is not recognized/,
  /^Invalid combination of input arguments/,
  /^Failed to process command line/,
  /^Not supported on the device/,
];

/** Recognises nvidia-smi's own errors between or instead of rows; null for any other line. */
export function driverMessage(line: string): DriverMessage | null {
  const words = line.trim();
  const gpu = gpuMessage.exec(words);
  if (gpu !== null) return { kind: 'gpu', words, about: gpu[1] ?? null };
  const field = fieldMessage.exec(words);
  if (field !== null) return { kind: 'field', words, about: field[1] ?? null };
  return driverMessages.some((form) => form.test(words))
    ? { kind: 'driver', words, about: null }
    : null;
}

/** `0000:02:00.0` and `00000000:02:00.0` are the same device: messages print the short domain. */
export function sameBusId(a: string, b: string): boolean {
  const short = (id: string): string => id.toLowerCase().replace(/^0*(?=[0-9a-f]{4}:)/, '');
  return short(a) === short(b);
}
