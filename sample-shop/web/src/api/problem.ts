/** A request that the shop did not answer with success, or did not answer at all. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The code of the shop's answer; `unreachable` or `unreadable` where there was none. */
  readonly code: string;
  /** What the answer carried beside its message, such as the id of an order that was begun. */
  readonly data: unknown;

  constructor(status: number, code: string, message: string, data?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

/** The problem that something thrown is; a mistake of the page's own is shown like any other. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, 'page', error instanceof Error ? error.message : String(error));
}
