import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { BufferPool } from './buffer-pool.ts';
import { OutQueue } from './out-queue.ts';
import { Tick } from './tick.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const MiB = 1024 * 1024;

/** A socket whose operating system takes bytes at once, or one write at a time when the spec says so. */
class SlowSocket extends Writable {
  readonly writes: Buffer[] = [];
  slow = false;
  #pending: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#take([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  #take(chunks: Buffer[], callback: () => void): void {
    const written = (): void => {
      // What the buffers hold now is what leaves.
      this.writes.push(Buffer.concat(chunks));
      callback();
    };
    if (this.slow) this.#pending = written;
    else written();
  }

  /** Takes the write that is under way. */
  async takeOne(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.();
    await turn();
  }

  get text(): string {
    return Buffer.concat(this.writes).toString();
  }
}

function setUp(limit = 64 * MiB) {
  const socket = new SlowSocket();
  const tick = new Tick();
  const pool = new BufferPool();
  const calls = { flushed: 0, overflow: 0 };
  const owner = { onFlushed: () => calls.flushed++, onOverflow: () => calls.overflow++ };
  const queue = new OutQueue(socket as unknown as Socket, tick, pool, owner, limit);
  const write = (text: string): void => queue.write(Buffer.from(text), 0, Buffer.byteLength(text));
  return { socket, tick, pool, calls, queue, write };
}

describe('OutQueue', () => {
  it('writes what a turn brought in one piece, at its end', async () => {
    const { socket, queue, write } = setUp();
    write('one ');
    const at = queue.reserve(4);
    queue.buffer.write('two ', at);
    queue.append(Buffer.from('three'));
    expect(queue.queuedBytes).toBe(13);
    expect(socket.writes).toEqual([]);
    await turn();
    expect(socket.writes.map(String)).toEqual(['one two three']);
    expect(queue.queuedBytes).toBe(0);
    write('next');
    await turn();
    expect(socket.writes.map(String)).toEqual(['one two three', 'next']);
  });

  it('keeps no buffer while it is empty, and shares one with others', async () => {
    const { pool, queue, write } = setUp();
    write('x');
    const used = queue.buffer;
    await turn();
    expect(queue.buffer.length).toBe(0);
    expect(pool.take(100)).toBe(used);
  });

  it('keeps the order across buffers of all sizes, copied or not', async () => {
    const { socket, queue, write } = setUp();
    const parts: string[] = [];
    const sizes = [10, 5000, 3, 70_000, 1, 20_000, 64 * 1024, 200_000, 7, 16 * 1024, 3 * MiB, 2];
    sizes.forEach((size, i) => {
      const text = String.fromCharCode(97 + i).repeat(size);
      parts.push(text);
      if (i % 2 === 0) write(text);
      else queue.append(Buffer.from(text));
    });
    await turn();
    expect(socket.text === parts.join('')).toBe(true);
    expect(queue.queuedBytes).toBe(0);
  });

  it('does not reuse a buffer that the socket still reads from', async () => {
    const { socket, pool, write } = setUp();
    socket.slow = true;
    write('first');
    await turn();
    // Whoever takes a buffer now and scribbles in it must not change what is on its way.
    for (let i = 0; i < 10; i++) pool.take(4096).fill('#');
    write('second');
    await turn();
    for (let i = 0; i < 3; i++) await socket.takeOne();
    expect(socket.text).toBe('firstsecond');
  });

  it('lets nothing leave before the commits of its tick, not even when the socket becomes free', async () => {
    const { socket, tick, write } = setUp();
    let committed = '';
    let ready = '';
    const append = (text: string): void => {
      ready += text;
      write(text);
    };
    tick.onCommit(() => (committed = ready));
    socket.slow = true;
    append('1');
    await turn();
    append('2'.repeat(100_000));
    await turn();
    // Queued in this turn, in a buffer that is full, while the socket comes to want more.
    append('3'.repeat(100_000));
    append('4');
    const committedBefore = committed;
    const taken = socket.takeOne();
    expect(committed).toBe(committedBefore);
    await taken;
    for (let i = 0; i < 10; i++) {
      expect(committed.startsWith(socket.text)).toBe(true);
      await socket.takeOne();
    }
    expect(socket.text).toBe(ready);
  });

  it('writes no more than what went through a tick when the socket takes a write within a turn', async () => {
    const { socket, queue, write } = setUp();
    socket.slow = true;
    write('1');
    await turn();
    write('2');
    await turn();
    queue.append(Buffer.alloc(20_000, '3'));
    // The write callback comes in this turn, after the third part was queued and before its tick.
    void socket.takeOne();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.resolve();
    socket.slow = false;
    void socket.takeOne();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(socket.text).toBe('12');
    await turn();
    await turn();
    expect(socket.text).toBe(`12${'3'.repeat(20_000)}`);
  });

  it('hands a slow socket a mebibyte at a time, so that its progress shows', async () => {
    const { socket, queue, calls } = setUp();
    socket.slow = true;
    const frame = Buffer.alloc(3 * MiB + 5, 'x');
    queue.append(frame);
    await turn();
    expect(queue.inSocket).toBe(MiB);
    expect(queue.queuedBytes).toBe(frame.length);
    const progress = queue.progress;
    const flushed = calls.flushed;
    await socket.takeOne();
    expect(queue.progress).toBeGreaterThan(progress);
    expect(calls.flushed).toBeGreaterThan(flushed);
    expect(queue.queuedBytes).toBe(2 * MiB + 5);
    for (let i = 0; i < 4; i++) await socket.takeOne();
    expect(socket.writes.map((piece) => piece.length)).toEqual([MiB, MiB, MiB, 5]);
    expect(queue.queuedBytes).toBe(0);
  });

  it('gives back what it was lent when the socket has taken it, or when it is dropped before', async () => {
    const { socket, queue, write } = setUp();
    const given: string[] = [];
    const lend = (name: string, size = 20_000): void =>
      queue.append(Buffer.alloc(size, name), { give: () => given.push(name) });
    lend('small', 100);
    expect(given).toEqual(['small']);
    write('header');
    lend('a');
    write('header');
    const position = queue.position;
    lend('b');
    queue.rollback(position);
    expect(given).toEqual(['small', 'b']);
    socket.slow = true;
    await turn();
    lend('c');
    await turn();
    expect(given).toEqual(['small', 'b']);
    await socket.takeOne();
    expect(given).toEqual(['small', 'b', 'a']);
    // The socket has this one; the next has not left.
    lend('d');
    queue.discard();
    lend('e');
    expect(given).toEqual(['small', 'b', 'a', 'd', 'e']);
    expect(socket.text).toBe(`${'small'.repeat(20)}header${'a'.repeat(20_000)}header`);
  });

  it('takes back to a position, across buffers', async () => {
    const { socket, queue, write } = setUp();
    write('kept');
    for (const size of [1, 5000, 100_000, 300_000]) {
      const position = queue.position;
      write('x'.repeat(size));
      queue.append(Buffer.alloc(50_000));
      write('y'.repeat(size));
      queue.rollback(position);
      expect(queue.queuedBytes).toBe(position);
    }
    write(' and so on');
    await turn();
    expect(socket.text).toBe('kept and so on');
  });

  it('drops everything when too much is queued, and says so at the end of the turn', async () => {
    const { socket, queue, write, calls } = setUp(100_000);
    for (let i = 0; i < 50; i++) write('x'.repeat(10_000));
    queue.append(Buffer.alloc(50_000));
    expect(queue.queuedBytes).toBe(0);
    expect(calls.overflow).toBe(0);
    await turn();
    expect(calls.overflow).toBe(1);
    expect(socket.writes).toEqual([]);
  });

  it('goes nowhere after it was discarded, and gives back its buffer', async () => {
    const { socket, pool, queue, write } = setUp();
    write('x');
    const used = queue.buffer;
    const position = queue.position;
    queue.discard();
    queue.discard();
    expect(pool.take(100)).toBe(used);
    for (const size of [10, 5, 5000, 10]) {
      const at = queue.reserve(size);
      expect(queue.buffer.length).toBeGreaterThanOrEqual(at + size);
      expect(queue.buffer).not.toBe(used);
    }
    queue.append(Buffer.alloc(100_000));
    queue.rollback(position);
    await turn();
    expect(socket.writes).toEqual([]);
    expect(queue.queuedBytes).toBe(0);
  });
});
