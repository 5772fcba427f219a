import { createServer, type AddressInfo, type Server } from 'node:net';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './database-options.ts';

const EMPTY = { schema: 'shop_spec', entities: [], migrations: [] };

/** `AuthenticationOk`, `ReadyForQuery`, and the end of the connection, in one piece. */
function welcomeAndEnd(): Buffer {
  const said = Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0');
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(said.length + 4, 1);
  return Buffer.concat([Buffer.from('5200000008000000005a0000000549', 'hex'), head, said]);
}

describe('dataSourceOptions', () => {
  const servers: Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  it('of PostgreSQL survive a connection that ends when it is handed out', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(welcomeAndEnd()));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const dataSource = new DataSource(dataSourceOptions(`postgres://x@127.0.0.1:${port}/x`, 1, EMPTY));
    await expect(dataSource.initialize()).rejects.toThrow('connection error');
  });

  it('of MariaDB name the database of the service', () => {
    expect(dataSourceOptions('mariadb://root@127.0.0.1:3306/other', 3, EMPTY)).toMatchObject({
      type: 'mysql',
      url: 'mysql://root@127.0.0.1:3306/shop_spec',
      extra: { connectionLimit: 3 },
    });
  });
});
