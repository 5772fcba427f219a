import { describe, expect, it } from '@jest/globals';
import { ClientMessages } from './client-messages.ts';

function start(code: number, rest = ''): Buffer {
  const bytes = Buffer.alloc(8 + rest.length);
  bytes.writeInt32BE(bytes.length);
  bytes.writeInt32BE(code, 4);
  bytes.write(rest, 8, 'latin1');
  return bytes;
}

function typed(type: string, content: string): Buffer {
  const bytes = Buffer.alloc(5 + content.length);
  bytes.write(type, 'latin1');
  bytes.writeInt32BE(bytes.length - 1, 1);
  bytes.write(content, 5, 'latin1');
  return bytes;
}

const STARTUP = start(196608, 'user\0me\0\0');
const CONVERSATION = [
  start(80877103),
  STARTUP,
  typed('P', '\0SELECT 1\0\0\0'),
  typed('S', ''),
  typed('Q', 'x\0'),
];
const TYPES = ['encryption', 'startup', 'P', 'S', 'Q'];

describe('the messages of a client', () => {
  it('are found however their bytes arrive', () => {
    const bytes = Buffer.concat(CONVERSATION);
    for (const step of [1, 2, 5, 7, bytes.length]) {
      const messages = new ClientMessages();
      const found = [];
      for (let at = 0; at < bytes.length; at += step)
        found.push(...messages.push(bytes.subarray(at, at + step)));
      expect(found.map(({ type }) => type)).toEqual(TYPES);
      expect(found.map((message) => message.bytes)).toEqual(CONVERSATION);
    }
  });

  it('may be a request to cancel', () => {
    expect(new ClientMessages().push(start(80877102, '12345678')).map(({ type }) => type)).toEqual([
      'cancel',
    ]);
  });

  it('have lengths that are not believed', () => {
    const [short, long] = [Buffer.alloc(8), Buffer.alloc(8)];
    short.writeInt32BE(3);
    long.writeInt32BE(0x7fffffff);
    for (const wrong of [short, long]) expect(() => new ClientMessages().push(wrong)).toThrow('A message of');
    const negative = Buffer.concat([STARTUP, Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff, 0, 0, 0])]);
    expect(() => new ClientMessages().push(negative)).toThrow('A message of');
  });
});
