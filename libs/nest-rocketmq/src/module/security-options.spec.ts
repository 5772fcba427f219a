import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from './options.ts';
import { securityOptions } from './security-options.ts';

const resolved = (options: object): ReturnType<typeof securityOptions> =>
  securityOptions(resolveOptions({ nameServer: 'a:1', ...options }, 'default'));

describe('securityOptions', () => {
  it('tells clients nothing that was not given', () => {
    expect(resolved({})).toEqual({});
  });

  it('tells clients who they are, how they connect, and their namespace', () => {
    expect(
      resolved({
        acl: { accessKey: 'shop-front', secretKey: 'the-secret', securityToken: 't' },
        tls: { trustCertPath: '/ca.pem', authServer: false },
        namespace: 'east',
      }),
    ).toEqual({
      accessKey: 'shop-front',
      secretKey: 'the-secret',
      securityToken: 't',
      tls: { trustCertPath: '/ca.pem', authServer: false },
      namespace: 'east',
    });
    expect(resolved({ namespaceV2: 'west' })).toEqual({ namespaceV2: 'west' });
    expect(resolved({ tls: true })).toEqual({ useTLS: true });
    expect(resolved({ tls: false })).toEqual({ useTLS: false });
  });

  it.each([
    [{ acl: { accessKey: 'shop-front' } }, 'acl.secretKey'],
    [{ acl: { accessKey: 'shop-front', secretKey: '' } }, 'acl.secretKey'],
    [{ tls: { caPath: 'x' } }, 'caPath'],
    [{ namespace: 'east', namespaceV2: 'west' }, 'exclude each other'],
  ])('refuses %j', (options, message) => {
    expect(() => resolved(options)).toThrow(message);
  });

  it('shows no secret when something is wrong', () => {
    const options = { acl: { accessKey: 'shop-front', secretKey: 'the-secret', more: 1 } };
    expect(() => resolved(options)).toThrow(expect.not.stringContaining('the-secret'));
  });
});
