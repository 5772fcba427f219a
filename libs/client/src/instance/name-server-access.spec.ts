import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RemotingCommand } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { ok, ScriptedServer } from '../../spec-support/scripted-server.ts';
import { NameServerAccess } from './name-server-access.ts';

describe('NameServerAccess', () => {
  let servers: ScriptedServer[];
  let remoting: RemotingClient;

  beforeEach(async () => {
    servers = await Promise.all(
      [1, 2, 3].map(() => new ScriptedServer().on(1, (request) => ok(request)).listen()),
    );
    remoting = new RemotingClient();
  });

  afterEach(async () => {
    await remoting.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const request = () => RemotingCommand.request(1);
  const all = () => servers.map((server) => server.address);

  it('stays with one server', async () => {
    const access = new NameServerAccess(remoting, all());
    for (let i = 0; i < 5; i++) await access.invoke(request, 1000);
    expect(servers.map((server) => server.requests.length).toSorted((a, b) => a - b)).toEqual([0, 0, 5]);
  });

  it('spreads over them by chance', async () => {
    for (let i = 0; i < 40; i++) await new NameServerAccess(remoting, all()).invoke(request, 1000);
    expect(servers.every((server) => server.requests.length > 0)).toBe(true);
  });

  it('goes to the next one when it can not be reached, and stays there', async () => {
    const access = new NameServerAccess(remoting, all());
    const { address } = await access.invoke(request, 1000);
    await servers.find((server) => server.address === address)?.close();
    const second = await access.invoke(request, 1000);
    expect(second.address).not.toBe(address);
    expect((await access.invoke(request, 1000)).address).toBe(second.address);
  });

  it('asks another one the next time when one does not answer', async () => {
    for (const server of servers) server.on(2, () => new Promise(() => undefined));
    const access = new NameServerAccess(remoting, all());
    const { address } = await access.invoke(request, 1000);
    await expect(access.invoke(() => RemotingCommand.request(2), 100)).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect((await access.invoke(request, 1000)).address).not.toBe(address);
  });

  it('names all of them when none can be reached', async () => {
    await Promise.all(servers.map((server) => server.close()));
    const access = new NameServerAccess(remoting, all());
    const error = await access.invoke(request, 1000).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', responseCode: 10004 });
    for (const address of all()) expect(String(error)).toContain(address);
  });
});
