import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { RemotingCommand, RequestCode } from '@nest-rocketmq/protocol';
import { RequestSigner } from './request-signer.ts';

const credentials = { accessKey: 'rocketmq2', secretKey: '12345678' };

function signed(fields: Record<string, string>, body = '', options = {}): RemotingCommand {
  const request = RemotingCommand.request(10, new Map(Object.entries(fields)), Buffer.from(body));
  new RequestSigner({ ...credentials, ...options }).sign(request);
  return request;
}

const hmac = (content: string): string => createHmac('sha1', '12345678').update(content).digest('base64');

describe('RequestSigner', () => {
  it('signs the values in the order of the keys, upper case first, and the body', () => {
    const { extFields } = signed({ topic: 'T', b: '2', a: '1', Zone: 'z', _x: 'u', empty: '' }, 'body');
    expect(extFields.get('AccessKey')).toBe('rocketmq2');
    expect(extFields.get('Signature')).toBe(hmac('rocketmq2zu12Tbody'));
  });

  it('signs text as UTF-8', () => {
    expect(signed({ i: 'ключ\u0001值' }, '体').extFields.get('Signature')).toBe(
      hmac('rocketmq2ключ\u0001值体'),
    );
  });

  it('signs the token of temporary credentials too', () => {
    const { extFields } = signed({ a: '1' }, '', { securityToken: 'token' });
    expect(extFields.get('SecurityToken')).toBe('token');
    expect(extFields.get('Signature')).toBe(hmac('rocketmq2token1'));
  });

  it('signs a request that is sent again as if it were new', () => {
    const request = signed({ a: '1' });
    const first = request.extFields.get('Signature');
    new RequestSigner(credentials).sign(request);
    expect(request.extFields.get('Signature')).toBe(first);
  });

  it('queries by unique key as a client whom every broker understands', () => {
    const fields = new Map([
      ['topic', 'T'],
      ['_UNIQUE_KEY_QUERY', 'true'],
    ]);
    const request = RemotingCommand.request(RequestCode.QUERY_MESSAGE, fields);
    new RequestSigner(credentials).sign(request);
    expect(request.version).toBeLessThanOrEqual(399);
    expect(request.extFields.get('Signature')).toBe(hmac('rocketmq2T'));
  });

  it('shows its secret to nobody', () => {
    const signer = new RequestSigner(credentials);
    expect(inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer)).not.toContain(
      '12345678',
    );
  });
});
