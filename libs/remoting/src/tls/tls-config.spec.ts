import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTlsFile, type TlsFileContent } from './tls-config.ts';

function read(text: string): TlsFileContent {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  const path = join(directory, 'tls.properties');
  writeFileSync(path, text);
  try {
    return readTlsFile(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('readTlsFile', () => {
  it("reads a file with Java's keys", () => {
    const text = `tls.test.mode.enable=false
tls.server.mode=enforcing
tls.server.need.client.auth=require
tls.server.keyPath=/etc/rocketmq/server.key
tls.server.keyPassword=123456
tls.server.certPath=/etc/rocketmq/server.pem
tls.server.authClient=true
tls.server.trustCertPath=/etc/rocketmq/ca.pem
tls.client.authServer=false
`;
    expect(read(text)).toEqual({
      mode: 'enforcing',
      server: {
        keyPath: '/etc/rocketmq/server.key',
        keyPassword: '123456',
        certPath: '/etc/rocketmq/server.pem',
        trustCertPath: '/etc/rocketmq/ca.pem',
        needClientAuth: 'require',
        authClient: true,
      },
      client: { authServer: false },
    });
  });

  it.each([
    ['tls.server.keypath=/x', 'tls.server.keypath is not known'],
    ['tls.test.mode.enable=true', 'there is no built-in certificate'],
    ['tls.server.authClient=yes', 'tls.server.authClient must be true or false'],
    ['tls.server.need.client.auth=maybe', 'must be one of none, optional, require'],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
