import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { encodeCommand, RemotingCommand } from '@nest-rocketmq/protocol';
import { ECHO, OTHER, request, startServer, stopAll, stopLater, until } from '../harness.fixture.ts';
import { RemotingClient } from '../remoting-client.ts';
import type { RemotingServerOptions } from '../remoting-server.ts';
import type { TlsClientConfig, TlsServerConfig } from './tls-config.ts';

afterEach(stopAll);

const file = (name: string): string =>
  fileURLToPath(new URL(`../../../../test/support/certificates/${name}`, import.meta.url));
const pair = (name: string): { certPath: string; keyPath: string } => ({
  certPath: file(`${name}.pem`),
  keyPath: file(`${name}.key`),
});
const trusting: TlsClientConfig = { trustCertPath: file('ca.pem') };

function clientWith(tls: TlsClientConfig | undefined): RemotingClient {
  const client = new RemotingClient({ tls });
  stopLater(() => client.close());
  return client;
}

const serverWith = (tls: Partial<TlsServerConfig>, options: Partial<RemotingServerOptions> = {}) =>
  startServer({ ...options, tls: { mode: 'permissive', ...pair('server'), ...tls } });

/** A TLS connection of its own, once it is made. */
async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  stopLater(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

describe.each([true, false])('TLS on the port of plain connections (shared reads: %s)', (sharedReads) => {
  it('serves both, in any order, with many requests and large bodies', async () => {
    const { address, server } = await serverWith({}, { sharedReads });
    const large = 'x'.repeat(3_000_000);
    for (const tls of [trusting, undefined, trusting]) {
      const client = clientWith(tls);
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          client.invoke(address, request(ECHO, { body: i === 100 ? large : `body ${i}` }), 10_000),
        ),
      );
      answers.forEach((answer, i) => {
        expect(answer.body.toString() === (i === 100 ? large : `body ${i}`)).toBe(true);
      });
    }
    expect(server.connections.size).toBe(3);
  });

  it('knows the peer of a secure connection, and may ask it too', async () => {
    const { address, server } = await serverWith({}, { sharedReads });
    const client = clientWith(trusting);
    client.register(OTHER, (command) => RemotingCommand.response(command, 0, 'from the client'));
    await client.invoke(address, request(ECHO), 3000);
    const [connection] = server.connections;
    expect(connection?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await connection?.request(request(OTHER), 3000))?.remark).toBe('from the client');
  });

  it('takes a handshake that comes in pieces', async () => {
    const { port } = await serverWith({}, { sharedReads });
    const pieces: Buffer[] = [];
    // What TLS sends goes through here, byte by byte.
    const peer = connectPlain({ port, host: '127.0.0.1', noDelay: true });
    stopLater(() => peer.destroy());
    const slow = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => {
        for (const byte of bytes) peer.write(Buffer.of(byte));
        done();
      },
    });
    peer.on('data', (data: Buffer) => slow.push(data));
    const secure = connect({ socket: slow as Socket, rejectUnauthorized: false });
    stopLater(() => secure.destroy());
    await new Promise<void>((resolve) => secure.once('secureConnect', resolve));
    secure.on('data', (data: Buffer) => pieces.push(data));
    const frame = encodeCommand(request(ECHO, { body: 'slow' }));
    for (const byte of frame) secure.write(Buffer.of(byte));
    await until(() => Buffer.concat(pieces).includes('slow'));
    expect(Buffer.concat(pieces).readInt32BE(0)).toBe(Buffer.concat(pieces).length - 4);
  });
});

describe('a server in the mode', () => {
  it('enforcing takes nothing that is not encrypted', async () => {
    const { address, logged } = await serverWith({ mode: 'enforcing' });
    await expect(clientWith(undefined).invoke(address, request(ECHO), 3000)).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
    expect(logged.join()).toContain('it is not encrypted, and tls.server.mode is enforcing');
    expect((await clientWith(trusting).invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('disabled takes nothing that is encrypted', async () => {
    const { address, logged } = await serverWith({ mode: 'disabled' });
    await expect(clientWith(trusting).invoke(address, request(ECHO), 3000)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
    expect(logged.join()).toContain('TLS handshake, which is not taken here');
    expect((await clientWith(undefined).invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('permissive says what is missing when it has no certificate', async () => {
    const { address, logged } = await startServer({ tls: { mode: 'permissive' } });
    await expect(clientWith(trusting).invoke(address, request(ECHO), 3000)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
    expect(logged.join()).toContain('there is no certificate (tls.config.file)');
  });

  it('enforcing does not start without a certificate, none with files that do not fit', async () => {
    await expect(startServer({ tls: { mode: 'enforcing' } })).rejects.toThrow('needs a certificate');
    await expect(serverWith({ keyPath: file('stranger.key') })).rejects.toThrow("can't be used together");
    await expect(serverWith({ keyPath: undefined })).rejects.toThrow('belong together');
    await expect(serverWith({ certPath: '/nowhere.pem' })).rejects.toThrow(
      "/nowhere.pem can't be read: ENOENT",
    );
    const encrypted = { keyPath: file('server-encrypted.key') };
    await expect(serverWith({ ...encrypted, keyPassword: 'wrong' })).rejects.toThrow(
      expect.not.stringContaining('wrong'),
    );
    const { address } = await serverWith({ ...encrypted, keyPassword: 'changeit' });
    expect((await clientWith(trusting).invoke(address, request(ECHO), 3000)).code).toBe(0);
  });
});

describe('trust', () => {
  const failed = { code: 'CONNECT_FAILED' };

  it('clients trust known authorities, unless they are told to trust anybody', async () => {
    const { address } = await serverWith({ ...pair('stranger') });
    await expect(clientWith(trusting).invoke(address, request(ECHO), 3000)).rejects.toMatchObject(failed);
    await expect(clientWith({}).invoke(address, request(ECHO), 3000)).rejects.toMatchObject(failed);
    const careless = clientWith({ authServer: false });
    expect((await careless.invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('clients compare the name when they are given one', async () => {
    const { address } = await serverWith({});
    const named = (serverName: string) => clientWith({ ...trusting, serverName });
    expect((await named('server.test').invoke(address, request(ECHO), 3000)).code).toBe(0);
    await expect(named('other.test').invoke(address, request(ECHO), 3000)).rejects.toMatchObject(failed);
  });

  it('servers ask for the certificates of clients as they are told', async () => {
    const trust = { trustCertPath: file('ca.pem') };
    const served = async (server: Partial<TlsServerConfig>, client: TlsClientConfig): Promise<boolean> => {
      const { address } = await serverWith(server);
      return clientWith({ ...trusting, ...client })
        .invoke(address, request(ECHO), 3000)
        .then(
          () => true,
          () => false,
        );
    };
    expect(await served({ needClientAuth: 'require' }, {})).toBe(false);
    expect(await served({ needClientAuth: 'require' }, pair('stranger'))).toBe(true);
    expect(await served({ needClientAuth: 'require', authClient: true, ...trust }, pair('stranger'))).toBe(
      false,
    );
    expect(await served({ needClientAuth: 'require', authClient: true, ...trust }, pair('client'))).toBe(
      true,
    );
    expect(await served({ needClientAuth: 'optional', authClient: true, ...trust }, {})).toBe(true);
    expect(await served({ needClientAuth: 'optional', authClient: true, ...trust }, pair('stranger'))).toBe(
      false,
    );
  });

  it('refuses TLS before 1.2', async () => {
    const { port } = await serverWith({});
    await expect(dial(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toBeDefined();
    expect((await dial(port)).getProtocol()).toBe('TLSv1.3');
  });
});

describe('certificates that change', () => {
  it('count for the next connection; those that do not fit are not used', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tls-'));
    stopLater(() => rmSync(directory, { recursive: true }));
    const own = { certPath: join(directory, 'tls.pem'), keyPath: join(directory, 'tls.key') };
    let stamp = 1_000_000;
    const install = (name: string): void => {
      copyFileSync(file(`${name}.pem`), own.certPath);
      copyFileSync(file(`${name}.key`), own.keyPath);
      for (const path of Object.values(own)) utimesSync(path, stamp, stamp);
      stamp += 10;
    };
    install('server');
    const { port, clock, logged } = await serverWith(own);
    const subject = async (): Promise<unknown> => (await dial(port)).getPeerCertificate().subject.CN;
    const before = await dial(port);
    expect(await subject()).toBe('server.test');

    install('renewed');
    clock.advance(500);
    expect(await subject()).toBe('renewed.test');
    expect(before.destroyed).toBe(false);

    writeFileSync(own.certPath, 'not a certificate');
    clock.advance(500);
    expect(await subject()).toBe('renewed.test');
    expect(logged.join()).toContain('the ones before stay in use');
  });
});

describe('connections that are not secure yet', () => {
  it('are closed with the server, and count among its connections', async () => {
    const { server, port, raw } = await serverWith({}, { limits: { maxConnections: 2 } });
    const silent = raw();
    const halfway = raw();
    halfway.socket.write(Buffer.from([0x16, 3, 1]));
    await until(() => silent.socket.readyState === 'open' && halfway.socket.readyState === 'open');
    const third = raw();
    await until(() => third.closed);
    expect(server.connections.size).toBe(0);
    expect(port).toBeGreaterThan(0);
    await server.close();
    await until(() => silent.closed && halfway.closed);
  });

  it('are closed when they stay silent', async () => {
    const { clock, raw } = await serverWith({}, { limits: { idleMs: 5000 } });
    const silent = raw();
    await until(() => silent.socket.readyState === 'open');
    await until(() => {
      clock.advance(1000);
      return silent.closed;
    });
    expect(clock.pending).toBe(1);
  });

  it('end with a log when what follows is not TLS', async () => {
    const { raw, logged } = await serverWith({});
    const peer = raw();
    peer.socket.write(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 5]), Buffer.alloc(100, 7)]));
    await until(() => peer.closed);
    expect(logged.join()).toMatch(/TLS handshake with 127\.0\.0\.1:\d+ failed/);
  });
});
