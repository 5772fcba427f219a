import { describe, expect, it } from '@jest/globals';
import { rpcContract, ShopError } from '@sample-shop/api';
import { NEVER, of, throwError, type Observable } from 'rxjs';
import { createRpcClient } from './rpc-client.ts';

interface PriceApi {
  find(request: { id: string }): Promise<string>;
  change(request: { id: string }): Promise<true>;
}

const PRICES = rpcContract<PriceApi>('prices', {
  find: { read: true, patience: 1 },
  change: { read: false, patience: 1 },
});

/** A connection that answers call after call. */
function connection(...answers: Observable<unknown>[]) {
  const calls: [unknown, unknown][] = [];
  return {
    calls,
    send<T>(pattern: unknown, data: unknown): Observable<T> {
      calls.push([pattern, data]);
      return (answers[calls.length - 1] ?? NEVER) as Observable<T>;
    },
  };
}

const client = (proxy: ReturnType<typeof connection>) =>
  createRpcClient<PriceApi>(proxy, PRICES, { timeout: 20 });
const lost = throwError(() => new Error('Connection closed'));

describe('a client of a service', () => {
  it('calls a method by its pattern', async () => {
    const proxy = connection(of('1.00'));
    expect(await client(proxy).find({ id: '7' })).toBe('1.00');
    expect(proxy.calls).toEqual([['prices.find', { id: '7' }]]);
  });

  it('reads again when no answer came, and gives up in the end', async () => {
    const proxy = connection(lost, NEVER, of('2.00'));
    expect(await client(proxy).find({ id: '7' })).toBe('2.00');
    expect(proxy.calls).toHaveLength(3);
    const dead = connection(lost, lost, lost, of('3.00'));
    await expect(client(dead).find({ id: '7' })).rejects.toMatchObject({
      code: 'FAIL',
      message: 'prices can not be reached',
    });
  });

  it('changes nothing twice', async () => {
    const proxy = connection(lost, of(true));
    await expect(client(proxy).change({ id: '7' })).rejects.toMatchObject({ code: 'FAIL' });
    expect(proxy.calls).toHaveLength(1);
  });

  it('says when an answer did not come in time', async () => {
    await expect(client(connection()).change({ id: '7' })).rejects.toMatchObject({
      code: 'FAIL',
      message: 'prices did not answer in time',
    });
  });

  it('throws the code that it is answered with, at once', async () => {
    const answer = { code: 'GOODS_NOT_FOUND', message: 'There are none', data: { id: '7' } };
    const proxy = connection(throwError(() => answer));
    const failure = client(proxy).find({ id: '7' });
    await expect(failure).rejects.toBeInstanceOf(ShopError);
    await expect(failure).rejects.toMatchObject(answer);
    expect(proxy.calls).toHaveLength(1);
  });
});
