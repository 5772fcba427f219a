import type { Socket } from 'node:net';
import {
  encodeCommand,
  encodeHost,
  RemotingCommand,
  ResponseCode,
  type HeaderView,
} from '@nest-rocketmq/protocol';
import type { BufferHome } from './buffer-pool.ts';
import { printable, RocketMQError, type Logger } from '@nest-rocketmq/runtime';
import { Admission } from './admission.ts';
import { plainIp } from './address.ts';
import { systemCode } from './errors.ts';
import { FrameReader, type FrameReaderParts } from './frame-reader.ts';
import { InFlight, type ResponseHandler } from './in-flight.ts';
import type { RemotingLimits } from './limits.ts';
import { LivenessWatch } from './liveness.ts';
import { OutQueue } from './out-queue.ts';
import { CommandHandler } from './command-handler.ts';
import type { ProcessorTable } from './processors.ts';
import type { Tick } from './tick.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** What the connections of one server or client share. */
export interface ConnectionParts extends FrameReaderParts {
  readonly limits: RemotingLimits;
  readonly tick: Tick;
  readonly wheel: TimerWheel;
  readonly logger: Logger;
  readonly processors: ProcessorTable;
  /** Frames are parsed one at a time and to the end, so one header does for all connections. */
  readonly header: HeaderView;
  /**
   * Whether a peer that doesn't read our answers is not read from either. A server does this; a client must not, or two
   * ends that both wait for the other to read would wait for ever.
   */
  readonly holdsBack: boolean;
  /** Completes own requests, when there is one: see `RemotingOptions`. */
  readonly sign: ((request: RemotingCommand) => void) | undefined;
}

/** So many bytes to write are worth a tick of their own, before the turn ends. */
const CROWDED_BYTES = 128 * 1024;

let lastId = 0;

/**
 * One TCP connection, either end of it: frames in, frames out, requests in both directions. Made by a `RemotingServer` or
 * a `RemotingClient`.
 *
 * What is written leaves with the {@link Tick}, after its commits, in one socket write. A peer that reads slowly is not
 * read from until it has caught up (`highWaterBytes`) and loses the connection when it doesn't (`maxQueuedBytes`,
 * `stuckMs`).
 */
export class Connection {
  /** Unique in this process. */
  readonly id = ++lastId;
  /** The peer's `ip:port`. */
  readonly remoteAddress: string;
  /** The same as records hold it: 8 bytes, or 20 for IPv6. */
  readonly remoteHost: Buffer;
  /** Our own `ip:port`. */
  readonly localAddress: string;
  /** @internal */
  readonly admission: Admission;
  readonly #name: string;
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #queue: OutQueue;
  readonly #inFlight: InFlight;
  readonly #liveness: LivenessWatch;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #closedFor: string | undefined;
  #opaque = 0;
  #active = true;
  #blocked = false;
  #resuming = false;

  /** @internal `address` is what errors call the peer, where that is not its `ip:port` */
  constructor(socket: Socket, parts: ConnectionParts, address?: string) {
    this.#socket = socket;
    this.#parts = parts;
    const ip = plainIp(socket.remoteAddress ?? '0.0.0.0');
    const port = socket.remotePort ?? 0;
    this.remoteAddress = `${ip}:${port}`;
    this.remoteHost = encodeHost(ip, port);
    this.localAddress = `${plainIp(socket.localAddress ?? '0.0.0.0')}:${socket.localPort ?? 0}`;
    this.#reader = new FrameReader(parts, (buffer, serializeType, headerStart, bodyStart, end) =>
      this.#onFrame(buffer, serializeType, headerStart, bodyStart, end),
    );
    this.#queue = new OutQueue(
      socket,
      parts.tick,
      parts.pool,
      {
        onFlushed: () => this.#onFlushed(),
        onOverflow: () =>
          this.close(`more than ${parts.limits.maxQueuedBytes} bytes wait for the peer to read them`),
      },
      parts.limits.maxQueuedBytes,
    );
    this.#name = address ?? this.remoteAddress;
    this.#inFlight = new InFlight(parts.wheel, this.#name, parts.limits.maxInFlight);
    this.admission = new Admission(parts.limits);
    this.#liveness = new LivenessWatch(parts.limits, { reader: this.#reader, queue: this.#queue });
    socket.on('error', (error) => this.close(`the connection failed: ${systemCode(error)}`));
    socket.on('end', () => this.close('the peer closed the connection'));
    socket.on('close', () => this.close('the connection was closed'));
  }

  get closed(): boolean {
    return this.#closedFor !== undefined;
  }

  /** Bytes that were written here and that the operating system has not taken yet. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes;
  }

  /** Own requests that wait for their answers. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the peer has sent a whole frame yet. */
  get heard(): boolean {
    return this.#reader.frames > 0;
  }

  /** This tick's out buffer: see {@link reserve}. */
  get out(): Buffer {
    return this.#queue.buffer;
  }

  /**
   * Room for `size` bytes in this tick's out buffer: write all of them to {@link out} from the returned position on, before
   * anything else is written to the connection and before returning to the event loop. On a closed connection the bytes
   * go nowhere.
   */
  reserve(size: number): number {
    return this.#queue.reserve(size);
  }

  /** How far this connection's output has come, for {@link rollback}. */
  get position(): number {
    return this.#queue.position;
  }

  /** Takes back what was reserved or written since `position`, which must have been read in the same turn. */
  rollback(position: number): void {
    this.#queue.rollback(position);
  }

  /** Writes a copy of `bytes` (of `[start, end)` when given) with this tick. */
  write(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#queue.write(bytes, start, end);
  }

  /**
   * Writes bytes with this tick that nobody changes until they are given back to `home`: many are not copied. On a closed
   * connection they go nowhere, and back at once.
   */
  append(bytes: Buffer, home: BufferHome): void {
    this.#queue.append(bytes, home);
  }

  /** Sends a response; on a closed connection it goes nowhere. One that no frame can hold becomes code 1. */
  respond(response: RemotingCommand): void {
    if (this.closed) return;
    let frame = encodeCommand(response);
    if (frame.length > this.#parts.limits.maxFrameBytes) {
      const remark = `the response has ${frame.length} bytes, more than a frame can hold`;
      frame = encodeCommand(RemotingCommand.response(response, ResponseCode.SYSTEM_ERROR, remark));
    }
    this.#queue.append(frame);
  }

  /**
   * Sends a request and waits for its answer, whatever its response code.
   * @param timeoutMs milliseconds; the answer of a request that timed out is ignored
   * @throws RocketMQError `TIMEOUT`, `CONNECTION_CLOSED`, `OVERLOADED`, `ABORTED`, or `INVALID_ARGUMENT` when it is longer
   *   than a frame may be
   */
  request(command: RemotingCommand, timeoutMs: number, signal?: AbortSignal): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      command.opaque = this.nextOpaque();
      const frame = this.#encode(command);
      const handler = new CommandHandler(resolve, reject, signal, () => this.#inFlight.take(command.opaque));
      if (signal?.aborted || !this.expect(command.opaque, timeoutMs, handler)) return;
      this.#queue.append(frame);
      this.#relieve();
    });
  }

  /**
   * Sends a request that is never answered.
   * @throws RocketMQError `CONNECTION_CLOSED`, `OVERLOADED` or `INVALID_ARGUMENT`
   */
  oneway(command: RemotingCommand): void {
    command.opaque = this.nextOpaque();
    const frame = this.#encode(command.markOneway());
    if (this.closed) throw this.#closedError();
    this.#queue.append(frame);
    this.#relieve();
  }

  /** The opaque of the next request: counts up from 1 and wraps within 31 bits. */
  nextOpaque(): number {
    this.#opaque = (this.#opaque + 1) & 0x7fffffff;
    return this.#opaque;
  }

  /**
   * Waits for the answer to a request whose frame the caller writes itself. Call it before writing.
   * @param timeoutMs milliseconds
   * @returns false when the handler has been told an error already: then don't write the request
   */
  expect(opaque: number, timeoutMs: number, handler: ResponseHandler): boolean {
    if (!this.closed) return this.#inFlight.add(opaque, timeoutMs, handler);
    handler.onError(this.#closedError());
    return false;
  }

  /** Calls `listener` once when the connection is closed, by whichever end; at once when it is already. */
  onClose(listener: (reason: string) => void): void {
    if (this.#closedFor === undefined) this.#closeListeners.push(listener);
    else listener(this.#closedFor);
  }

  /** Closes the connection at once. What waits to be written is dropped; own requests fail with `CONNECTION_CLOSED`. */
  close(reason = 'it was closed on this side'): void {
    if (this.#closedFor !== undefined) return;
    this.#closedFor = reason;
    this.#queue.discard();
    this.#reader.release();
    this.#socket.destroy();
    this.#inFlight.fail(this.#closedError());
    for (const listener of this.#closeListeners) listener(reason);
  }

  /** @internal resolves when the socket is gone */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', () => resolve());
    });
  }

  /** @internal takes what was read: the first `length` bytes of `chunk`, which may be overwritten afterwards */
  receive(chunk: Buffer, length: number): void {
    if (this.#closedFor !== undefined) return;
    this.#active = true;
    let problem: string | undefined;
    try {
      problem = this.#reader.push(chunk, length);
    } catch (error) {
      // A response handler's bug: the place in the stream is lost, so the connection goes before the error does.
      this.close('a response handler failed');
      throw error;
    }
    if (problem !== undefined) this.#refuse(problem);
  }

  /** @internal closes the connection when it is idle, stuck, or too slow with a frame; `elapsedMs` since the last call */
  watch(elapsedMs: number): void {
    const reason = this.#liveness.check(elapsedMs, this.#active);
    this.#active = false;
    if (reason !== undefined) this.close(reason);
  }

  #onFrame(
    buffer: Buffer,
    serializeType: number,
    headerStart: number,
    bodyStart: number,
    end: number,
  ): boolean {
    const { header, limits, processors } = this.#parts;
    if (!header.parse(buffer, serializeType, headerStart, bodyStart)) {
      this.#refuse('a header that cannot be decoded');
      return false;
    }
    if (header.isResponse) {
      // Nobody waits for it any more when the request timed out or was aborted.
      this.#inFlight.take(header.opaque)?.onResponse(header, buffer, bodyStart, end);
      return this.#closedFor === undefined;
    }
    processors.dispatch(this, header, buffer, bodyStart, end);
    this.#relieve();
    if (this.#closedFor !== undefined) return false;
    if (this.#queue.queuedBytes <= limits.highWaterBytes || !this.#parts.holdsBack) return true;
    this.#blocked = true;
    this.#socket.pause();
    return false;
  }

  /** Cuts a turn that has become long: the peer takes in what there is while we work on what else it asked for. */
  #relieve(): void {
    const { tick } = this.#parts;
    if (tick.crowded || this.#queue.position > CROWDED_BYTES) tick.flushNow();
  }

  #onFlushed(): void {
    this.#active = true;
    if (!this.#blocked || this.#resuming) return;
    if (this.#queue.queuedBytes > this.#parts.limits.highWaterBytes / 2) return;
    this.#resuming = true;
    // Not from here: a flush can happen in the middle of another connection's request.
    setImmediate(() => this.#resume());
  }

  #resume(): void {
    this.#resuming = this.#blocked = false;
    if (this.#closedFor !== undefined) return;
    const problem = this.#reader.resume();
    if (problem !== undefined) this.#refuse(problem);
    else if (!this.#blocked) this.#socket.resume();
  }

  #refuse(problem: string): void {
    this.#parts.logger.warn(
      `Closing the connection with ${this.remoteAddress}, which sent ${printable(problem)}`,
    );
    this.close(`the peer sent ${problem}`);
  }

  #encode(command: RemotingCommand): Buffer {
    const { maxFrameBytes, maxQueuedBytes } = this.#parts.limits;
    this.#parts.sign?.(command);
    const frame = encodeCommand(command);
    const address = this.#name;
    if (frame.length > maxFrameBytes) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `Request ${command.code} to ${address} has ${frame.length} bytes; a frame holds ${maxFrameBytes}`,
        { address },
      );
    }
    if (this.queuedBytes + frame.length > maxQueuedBytes) {
      throw new RocketMQError(
        'OVERLOADED',
        `${this.queuedBytes} bytes wait to be sent to ${address} already. Send fewer at a time, or see why it reads slowly`,
        { address },
      );
    }
    return frame;
  }

  #closedError(): RocketMQError {
    return new RocketMQError(
      'CONNECTION_CLOSED',
      `The connection with ${this.#name} is gone: ${this.#closedFor ?? ''}`,
      {
        address: this.#name,
      },
    );
  }
}
