import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HeartbeatData, MQVersion } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { settles } from '../../spec-support/queue-broker.ts';
import { ok, routeOf, scriptedNameServer, ScriptedServer } from '../../spec-support/scripted-server.ts';
import { Heartbeats } from './heartbeats.ts';
import type { ConsumerMember, ProducerMember } from './members.ts';
import { NameServerAccess } from './name-server-access.ts';
import { RouteTable } from './route-table.ts';

describe('Heartbeats', () => {
  const producers = new Map<string, ProducerMember>();
  const consumers = new Map<string, ConsumerMember>();
  let clock: ManualClock;
  let master: ScriptedServer;
  let slave: ScriptedServer;
  let nameServer: ScriptedServer;
  let remoting: RemotingClient;
  let heartbeats: Heartbeats;

  beforeEach(async () => {
    clock = new ManualClock();
    [master, slave] = await Promise.all([new ScriptedServer().listen(), new ScriptedServer().listen()]);
    const route = routeOf({ b: master.address });
    route.brokerDatas[0]?.brokerAddrs.set(1, slave.address);
    nameServer = await scriptedNameServer(new Map([['T', route]]));
    remoting = new RemotingClient({ clock });
    const parts = { clock, logger: silentLogger, timeoutMs: 3000 };
    const routes = new RouteTable({
      ...parts,
      nameServers: new NameServerAccess(remoting, [nameServer.address]),
      onChange: () => undefined,
      onAddressGone: () => undefined,
    });
    await routes.refresh('T');
    producers.clear();
    consumers.clear();
    producers.set('p', { group: 'p' });
    heartbeats = new Heartbeats({ ...parts, clientId: 'me', remoting, routes, producers, consumers });
    remoting.onDisconnect((address) => heartbeats.connectionLost(address));
  });

  afterEach(async () => {
    heartbeats.stop();
    await remoting.close();
    await Promise.all([master.close(), slave.close(), nameServer.close()]);
  });

  const consumerData = {
    groupName: 'c',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [],
    unitMode: false,
  };

  it('go to masters only while there is no consumer, and to no one without members', async () => {
    await heartbeats.sendAll();
    expect([master.of(34).length, slave.of(34).length]).toEqual([1, 0]);
    expect(heartbeats.brokerVersion(master.address)).toBe(MQVersion.CURRENT);
    consumers.set('c', { group: 'c', consumerData: () => consumerData } as unknown as ConsumerMember);
    await heartbeats.sendAll();
    expect([master.of(34).length, slave.of(34).length]).toEqual([2, 1]);
    consumers.clear();
    producers.clear();
    await heartbeats.sendAll();
    expect([master.of(34).length, slave.of(34).length]).toEqual([2, 1]);
  });

  it('asked for several times at once are one', async () => {
    for (let i = 0; i < 5; i++) heartbeats.sendSoon();
    clock.advance(0);
    await settles(() => master.of(34).length === 1);
    await heartbeats.send(master.address);
    expect(master.of(34)).toHaveLength(2);
  });

  it('are sent to a broker that is to know the client, unless it does over the connection there is', async () => {
    await Promise.all([heartbeats.announce(master.address), heartbeats.announce(master.address)]);
    await heartbeats.announce(master.address);
    expect(master.of(34)).toHaveLength(1);
    const [connection] = master.connections;
    connection?.close();
    await settles(() => remoting.existing(master.address) === undefined);
    expect(await heartbeats.announce(master.address)).toBe(true);
    expect(master.of(34)).toHaveLength(2);
  });

  it('say what is true after those on their way', async () => {
    const first = heartbeats.send(master.address);
    producers.set('later', { group: 'later' });
    await Promise.all([first, heartbeats.send(master.address), heartbeats.send(master.address)]);
    const groups = master.of(34).map(({ body }) => HeartbeatData.decode(body).producerDataSet.length);
    expect(groups).toEqual([1, 2]);
  });

  it('are said again as soon as a broker that was lost is back', async () => {
    await heartbeats.sendAll();
    for (const connection of master.connections) connection.close();
    await settles(
      () => master.of(34).length === 2,
      () => clock.advance(100),
    );
    expect(master.connections.size).toBe(1);
  });

  it('close a connection over which nothing comes back', async () => {
    let silent = true;
    master.on(34, (request) => (silent ? new Promise(() => undefined) : ok(request)));
    const sent = heartbeats.send(master.address);
    await settles(() => master.of(34).length === 1);
    const [dead] = master.connections;
    silent = false;
    clock.advance(3100);
    expect(await sent).toBe(false);
    await settles(
      () => master.of(34).length === 2,
      () => clock.advance(100),
    );
    expect(dead?.closed).toBe(true);
  });
});
