import { connect } from 'node:net';
import { ManualClock } from '@nest-rocketmq/runtime';
import { encodeCommand, RemotingCommand, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { nodeFileSystem, type FileSystem } from '@nest-rocketmq/store';
import { TestBroker } from '../test/test-broker.ts';

/** Sends bytes on a connection of their own and waits until the broker closes it. @returns what it answered before */
function bytesUntilClosed(address: string, bytes: Buffer): Promise<Buffer> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

const frame = (length: number, header: number, rest = Buffer.alloc(0)): Buffer => {
  const words = Buffer.alloc(8);
  words.writeInt32BE(length, 0);
  words.writeInt32BE(header, 4);
  return Buffer.concat([words, rest]);
};

describe('bad input', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.start();
    await broker.send('T', 'x');
  });

  afterAll(() => broker.remove());

  it.each([
    ['a negative length', frame(-5, 0)],
    ['a length of nothing', frame(0, 0)],
    ['a frame above the limit', frame(17 * 1024 * 1024, 100)],
    ['a header longer than its frame', frame(20, 100, Buffer.alloc(16))],
    ['a header above the limit', frame(200_004, 200_000, Buffer.alloc(200_000, 32))],
    ['an unknown serialization', frame(20, (9 << 24) | 16, Buffer.alloc(16))],
    ['a header that is no JSON', frame(20, 16, Buffer.alloc(16, 'x'))],
    ['a header that ends inside of a word', frame(4 + 20, 20, Buffer.from('{"code":310,"languag'))],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 211) & 0xff))],
    ['deep nesting', frame(4 + 60_000, 60_000, Buffer.alloc(60_000, '['))],
  ])('of %s closes its connection without an answer, and no other', async (_, bytes) => {
    expect((await bytesUntilClosed(broker.address, bytes)).length).toBe(0);
    expect((await broker.send('T', 'y')).code).toBe(ResponseCode.SUCCESS);
  });

  it('in half a frame leaves no trace when its sender goes', async () => {
    const whole = encodeCommand(
      RemotingCommand.request(
        RequestCode.GET_MAX_OFFSET,
        new Map([
          ['topic', 'T'],
          ['queueId', '0'],
        ]),
      ),
    );
    const [host, port] = broker.address.split(':');
    const socket = connect(Number(port), host);
    await new Promise((resolve) => socket.write(whole.subarray(0, 20), resolve));
    socket.destroy();
    expect((await broker.send('T', 'y')).code).toBe(ResponseCode.SUCCESS);
  });

  it('in every field of every command is answered, and the broker goes on', async () => {
    const nasty = [
      '',
      '../../x',
      'a'.repeat(300),
      '-1',
      '99999999999999999999',
      '\u0000',
      '__proto__',
      '{',
      '%',
    ];
    const codes = Object.values(RequestCode).filter(
      (code) => code !== RequestCode.PULL_MESSAGE && code !== RequestCode.LITE_PULL_MESSAGE,
    );
    const keys = [
      'topic',
      'consumerGroup',
      'group',
      'groupName',
      'queueId',
      'offset',
      'clientID',
      'producerGroup',
      'b',
      'i',
      'key',
    ];
    for (const value of nasty) {
      const fields = Object.fromEntries(keys.map((key) => [key, value]));
      const answers = await Promise.all(codes.map((code) => broker.ask(code, fields, Buffer.from(value))));
      expect(answers.filter((answer) => !answer.isResponse)).toEqual([]);
    }
    expect((await broker.send('T', 'y')).code).toBe(ResponseCode.SUCCESS);
  });
});

describe('a full disk', () => {
  it('refuses messages with 14 and serves consumers on', async () => {
    let full = false;
    const fileSystem: FileSystem = Object.assign(Object.create(nodeFileSystem) as FileSystem, {
      space: (path: string) => {
        const space = nodeFileSystem.space(path);
        return full ? { ...space, free: 0, available: 0 } : space;
      },
    });
    const clock = new ManualClock(Date.now());
    const broker = await TestBroker.start({}, { fileSystem, clock });
    await broker.send('T', 'kept');
    full = true;
    await clock.advanceAsync(120_000, 5_000);
    expect((await broker.send('T', 'lost')).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    expect((await broker.pull('CG', 'T', 0, 0)).code).toBe(ResponseCode.SUCCESS);
    full = false;
    await clock.advanceAsync(120_000, 5_000);
    expect((await broker.send('T', 'back')).code).toBe(ResponseCode.SUCCESS);
    await broker.remove();
  });
});
