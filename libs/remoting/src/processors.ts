import { RemotingCommand, ResponseCode, type HeaderView } from '@nest-rocketmq/protocol';
import { printable, RocketMQError, type Logger } from '@nest-rocketmq/runtime';
import type { Connection } from './connection.ts';
import { failureOf, ResponseError } from './errors.ts';

const EMPTY = Buffer.alloc(0);
const OVERLOAD =
  '[OVERLOAD]too many requests of this connection wait for their answers, send fewer at a time';

/**
 * Serves a request straight from the read buffer: it answers into the connection's out buffer (`reserve`, `write`) or
 * keeps what it needs to answer later. Header and buffer are valid only during the call. False: the request is served by
 * the ordinary processor; what was written to the connection meanwhile is taken back, as when it throws.
 */
export type HotProcessor = (
  connection: Connection,
  header: HeaderView,
  buffer: Buffer,
  bodyStart: number,
  bodyEnd: number,
) => boolean;

/**
 * Serves a request given as a command of its own. Undefined: it is answered later through `connection.respond`, or never.
 * What it throws becomes the answer: a {@link RocketMQError} with its response code, anything else with code 1.
 */
export type RequestProcessor = (
  request: RemotingCommand,
  connection: Connection,
) => RemotingCommand | undefined | Promise<RemotingCommand | undefined>;

/**
 * Looks at every request before it is served, and throws what it is to be answered when it shall not be: see
 * {@link RequestProcessor}. Header and buffer are valid only during the call.
 */
export type RequestGuard = (
  connection: Connection,
  header: HeaderView,
  buffer: Buffer,
  bodyStart: number,
  bodyEnd: number,
) => void;

/** Who serves which request code: hot processors first, then ordinary ones, then the default, then code 3. */
export class ProcessorTable {
  readonly #hot = new Map<number, HotProcessor>();
  readonly #ordinary = new Map<number, RequestProcessor>();
  readonly #logger: Logger;
  #guard: RequestGuard | undefined;
  #fallback: RequestProcessor = (request) => {
    throw new ResponseError(
      ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
      `request type ${request.code} not supported`,
    );
  };

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  register(code: number, processor: RequestProcessor): void {
    this.#ordinary.set(code, processor);
  }

  registerHot(code: number, processor: HotProcessor): void {
    this.#hot.set(code, processor);
  }

  registerGuard(guard: RequestGuard): void {
    const earlier = this.#guard;
    this.#guard =
      earlier === undefined
        ? guard
        : (...request): void => {
            earlier(...request);
            guard(...request);
          };
  }

  registerDefault(processor: RequestProcessor): void {
    this.#fallback = processor;
  }

  /** Serves one request of `connection`. A one-way request is never answered, whatever comes of it. */
  dispatch(
    connection: Connection,
    header: HeaderView,
    buffer: Buffer,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    if (this.#guard !== undefined) {
      try {
        this.#guard(connection, header, buffer, bodyStart, bodyEnd);
      } catch (error) {
        this.#fail(connection, header.toCommand(EMPTY), error);
        return;
      }
    }
    const hot = this.#hot.get(header.code);
    if (hot !== undefined && this.#serveHot(hot, connection, header, buffer, bodyStart, bodyEnd)) return;
    // The read buffer is used again after this turn, and a processor may take longer.
    const body = bodyEnd > bodyStart ? Buffer.from(buffer.subarray(bodyStart, bodyEnd)) : EMPTY;
    this.#serve(connection, header.toCommand(body));
  }

  #serveHot(
    hot: HotProcessor,
    connection: Connection,
    header: HeaderView,
    buffer: Buffer,
    bodyStart: number,
    bodyEnd: number,
  ): boolean {
    const position = connection.position;
    try {
      if (hot(connection, header, buffer, bodyStart, bodyEnd)) return true;
    } catch (error) {
      connection.rollback(position);
      this.#fail(connection, header.toCommand(EMPTY), error);
      return true;
    }
    connection.rollback(position);
    return false;
  }

  #serve(connection: Connection, request: RemotingCommand): void {
    const bytes = request.body.length;
    if (!connection.admission.admit(bytes)) {
      this.#fail(connection, request, new ResponseError(ResponseCode.SYSTEM_BUSY, OVERLOAD));
      return;
    }
    let result: RemotingCommand | undefined | Promise<RemotingCommand | undefined>;
    try {
      result = (this.#ordinary.get(request.code) ?? this.#fallback)(request, connection);
    } catch (error) {
      connection.admission.settle(bytes);
      this.#fail(connection, request, error);
      return;
    }
    if (result === undefined || result instanceof RemotingCommand) {
      connection.admission.settle(bytes);
      if (result !== undefined) answer(connection, request, result);
    } else {
      void this.#await(connection, request, result);
    }
  }

  async #await(
    connection: Connection,
    request: RemotingCommand,
    result: Promise<RemotingCommand | undefined>,
  ): Promise<void> {
    try {
      const response = await result;
      if (response !== undefined) answer(connection, request, response);
    } catch (error) {
      this.#fail(connection, request, error);
    } finally {
      connection.admission.settle(request.body.length);
    }
  }

  #fail(connection: Connection, request: RemotingCommand, error: unknown): void {
    const { code, remark } = failureOf(error);
    const what = `Request ${request.code} of ${connection.remoteAddress} failed: ${printable(remark)}`;
    // A peer's mistake is told to the peer; what is not foreseen is for whoever runs this process.
    if (error instanceof RocketMQError) this.#logger.debug(what);
    else this.#logger.error(what, error);
    answer(connection, request, RemotingCommand.response(request, code, remark));
  }
}

function answer(connection: Connection, request: RemotingCommand, response: RemotingCommand): void {
  if (request.isOneway) return;
  // The peer finds its request by these, and reads the serialization it wrote.
  response.opaque = request.opaque;
  response.serializeType = request.serializeType;
  response.flag |= 1;
  connection.respond(response);
}
