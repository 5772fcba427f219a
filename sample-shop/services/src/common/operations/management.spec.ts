import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startManagement, type Management } from './management.ts';

describe('the management of a service', () => {
  let management: Management;
  let up = true;

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${management.port}${path}`);
    return { status: response.status, text: await response.text() };
  };

  beforeEach(async () => {
    up = true;
    management = await startManagement('127.0.0.1', 0, async () => ({
      service: 'goods-service',
      up,
      parts: [{ name: 'database', up }],
    }));
  });
  afterEach(() => management.close());

  it('says how it is', async () => {
    expect(await get('/health')).toEqual({
      status: 200,
      text: '{"service":"goods-service","up":true,"parts":[{"name":"database","up":true}]}',
    });
    up = false;
    expect((await get('/health')).status).toBe(503);
  });

  it('says what it counts', async () => {
    const { status, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('says nothing else', async () => {
    expect(await get('/')).toEqual({ status: 404, text: '/health or /metrics' });
  });

  it('needs a port of its own', async () => {
    await expect(
      startManagement('127.0.0.1', management.port, () => Promise.reject(new Error('never asked'))),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
