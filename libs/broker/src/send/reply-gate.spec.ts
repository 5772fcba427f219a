import { decodeFrame, encodeCommand, RemotingCommand } from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import { ManualClock } from '@nest-rocketmq/runtime';
import { ReplyGate } from './reply-gate.ts';

/** As much of a connection as a gate uses. */
class FakeConnection {
  closed = false;
  readonly written: string[] = [];
  out = Buffer.alloc(0);

  reserve(size: number): number {
    this.flush();
    this.out = Buffer.alloc(size);
    return 0;
  }

  write(bytes: Buffer): void {
    this.flush();
    this.written.push(bytes.toString('latin1'));
  }

  flush(): string[] {
    if (this.out.length > 0) this.written.push(this.out.toString('latin1'));
    this.out = Buffer.alloc(0);
    return this.written;
  }

  get connection(): Connection {
    return this as unknown as Connection;
  }
}

function hold(gate: ReplyGate, to: FakeConnection, endOffset: number, text: string): void {
  const slot = gate.slot();
  gate.hold(to.connection, endOffset, gate.bytes.write(text, slot, 'latin1'));
}

describe('a gate for answers', () => {
  it('lets out in order what the log has reached', () => {
    const gate = new ReplyGate(10);
    const to = new FakeConnection();
    hold(gate, to, 100, 'a');
    hold(gate, to, 200, 'b');
    hold(gate, to, 300, 'c');
    gate.release(99);
    expect(to.flush()).toEqual([]);
    gate.release(200);
    expect(to.flush()).toEqual(['ab']);
    expect(gate.size).toBe(1);
    gate.release(1000);
    expect(to.flush()).toEqual(['ab', 'c']);
  });

  it('gives each connection its own', () => {
    const gate = new ReplyGate(10);
    const one = new FakeConnection();
    const other = new FakeConnection();
    hold(gate, one, 1, 'a');
    hold(gate, one, 2, 'b');
    hold(gate, other, 3, 'c');
    gate.holdFrame(one.connection, 4, Buffer.from('<d>'));
    hold(gate, one, 5, 'e');
    hold(gate, other, 6, 'f');
    gate.release(6);
    expect([one.flush(), other.flush()]).toEqual([
      ['ab', '<d>', 'e'],
      ['c', 'f'],
    ]);
  });

  it('asks a connection for no more than a chunk at once', () => {
    const gate = new ReplyGate(1000);
    const to = new FakeConnection();
    for (let i = 0; i < 200; i++) hold(gate, to, i, String(i).padEnd(500));
    gate.release(200);
    const written = to.flush();
    expect(written.join('').trim().split(/ +/)).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
    expect(Math.max(...written.map((each) => each.length))).toBeLessThanOrEqual(32 * 1024);
  });

  it('keeps its order however often it grows and goes round', () => {
    const gate = new ReplyGate(100_000);
    const to = new FakeConnection();
    let held = 0;
    let released = 0;
    for (const [more, less] of [
      [200, 150],
      [900, 10],
      [10, 900],
      [3000, 2000],
    ] as const) {
      for (let i = 0; i < more; i++, held++) {
        hold(gate, to, held, String(held));
      }
      released += less;
      gate.release(released - 1);
    }
    gate.release(Infinity);
    expect(to.flush().join('')).toBe(Array.from({ length: held }, (_, i) => String(i)).join(''));
  });

  it('holds frames longer than a slot', () => {
    const gate = new ReplyGate(10);
    const to = new FakeConnection();
    gate.holdFrame(to.connection, 5, Buffer.from('x'.repeat(2000)));
    gate.release(5);
    expect(to.flush()).toEqual(['x'.repeat(2000)]);
  });

  it('writes nothing to a connection that is gone', () => {
    const gate = new ReplyGate(10);
    const to = new FakeConnection();
    hold(gate, to, 1, 'a');
    to.closed = true;
    gate.release(1);
    expect([to.flush(), gate.size]).toEqual([[], 0]);
  });

  it('is full at its limit', () => {
    const gate = new ReplyGate(2);
    const to = new FakeConnection();
    hold(gate, to, 1, 'a');
    expect(gate.full).toBe(false);
    hold(gate, to, 2, 'b');
    expect(gate.full).toBe(true);
  });

  it('answers what is late with another code', () => {
    const clock = new ManualClock(1000);
    const gate = new ReplyGate(10, clock);
    const to = new FakeConnection();
    const reply = RemotingCommand.response(
      { opaque: 7, serializeType: 0 },
      0,
      undefined,
      new Map([['msgId', 'ABC']]),
    );
    gate.holdFrame(to.connection, 1, encodeCommand(reply));
    clock.advance(1000);
    gate.holdFrame(to.connection, 2, encodeCommand(reply));
    gate.expire(1500, 10);
    expect(gate.size).toBe(1);
    const [late] = to.flush();
    const answer = decodeFrame(Buffer.from(late ?? '', 'latin1'));
    expect([answer.code, answer.opaque, answer.extFields.get('msgId')]).toEqual([10, 7, 'ABC']);
  });
});
