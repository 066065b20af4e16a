/** What an error says beyond its message: what to do next, and what caused it. */
export interface ErrorDetail {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Flags, configuration, rate card or input file are wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined);
    this.hint = detail.hint;
  }
}

/** The host can't do it: no nvidia-smi, a failing driver, a full disk: exit code 3. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly hint: string | undefined;

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined);
    this.hint = detail.hint;
  }
}
