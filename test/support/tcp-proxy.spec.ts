import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.ts';

describe('a network that fails', () => {
  let server: Server;
  let accepted: Socket[];
  let proxy: TcpProxy;
  const clients: Socket[] = [];

  beforeEach(async () => {
    accepted = [];
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      accepted.push(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    proxy = await TcpProxy.start({ target: `127.0.0.1:${port}`, rewrite: ['10.0.0.1', '10.0.0.2'] });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    for (const socket of accepted) socket.destroy();
    await new Promise<unknown>((resolve) => server.close(resolve));
  });

  async function open(): Promise<{ client: Socket; peer: Socket }> {
    const connection = once(server, 'connection');
    const client = await dial();
    await connection;
    return { client, peer: accepted.at(-1) as Socket };
  }

  async function dial(): Promise<Socket> {
    const client = connect({ port: Number(proxy.address.split(':')[1]), allowHalfOpen: true });
    client.on('error', () => {});
    clients.push(client);
    await once(client, 'connect');
    return client;
  }

  const read = async (socket: Socket): Promise<string> => {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  };

  it('passes bytes both ways, and translates addresses in what the server says', async () => {
    const { client, peer } = await open();
    client.write('to 10.0.0.1');
    expect(await read(peer)).toBe('to 10.0.0.1');
    peer.write('at 10.0.0.1 and 10.0.0.1;');
    expect(await read(client)).toBe('at 10.0.0.2 and 10.0.0.2;');
    expect(proxy.connections).toBe(1);
  });

  it('holds one direction and delivers after it has healed, the other passing meanwhile', async () => {
    const { client, peer } = await open();
    proxy.hold('up');
    let arrived = '';
    peer.on('data', (chunk) => (arrived += chunk.toString()));
    client.write('late');
    peer.write('early');
    expect(await read(client)).toBe('early');
    expect(arrived).toBe('');
    proxy.heal();
    await once(peer, 'data');
    expect(arrived).toBe('late');
  });

  it('holds back the end of a connection, and new connections, while there is no network', async () => {
    const { client, peer } = await open();
    proxy.hold();
    client.end('bye');
    let ended = false;
    peer.resume().on('end', () => (ended = true));
    const other = await dial();
    other.write('hello');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ended).toBe(false);
    expect(accepted.length).toBe(1);
    const end = once(peer, 'end');
    const connection = once(server, 'connection');
    proxy.heal();
    await Promise.all([end, connection]);
    expect(await read(accepted[1] as Socket)).toBe('hello');
  });

  it('loses what falls into a black hole, and resets the connection that missed it when it has healed', async () => {
    const { client, peer } = await open();
    let arrived = '';
    peer.on('data', (chunk) => (arrived += chunk.toString()));
    proxy.blackHole('up');
    client.write('lost');
    peer.write('passes');
    expect(await read(client)).toBe('passes');
    const closed = closing(client);
    proxy.heal();
    await closed;
    expect(arrived).toBe('');
    expect(proxy.connections).toBe(0);
  });

  it('delays in order', async () => {
    const { client, peer } = await open();
    proxy.delay(40);
    const startedAt = performance.now();
    client.write('a');
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.write('b');
    let arrived = '';
    while (arrived.length < 2) arrived += await read(peer);
    expect(arrived).toBe('ab');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40);
  });

  it('ends one direction and keeps the other', async () => {
    const { client, peer } = await open();
    const ended = once(peer.resume(), 'end');
    proxy.halfClose('up');
    await ended;
    peer.write('still here');
    expect(await read(client)).toBe('still here');
  });

  it('cuts: both ends see a reset', async () => {
    const { client, peer } = await open();
    const closed = Promise.all([closing(client), closing(peer.resume())]);
    proxy.cut();
    await closed;
    expect(proxy.connections).toBe(0);
  });

  it('forgets connections that both ends have ended', async () => {
    const { client, peer } = await open();
    const ended = once(peer.resume(), 'end');
    client.resume().end();
    await ended;
    const closed = once(client, 'end');
    peer.end();
    await closed;
    expect(proxy.connections).toBe(0);
  });
});

/** Resolves when a socket is closed, by whatever it is. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
