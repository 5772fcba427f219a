import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { systemCode } from '../errors.ts';
import type { TlsFiles } from './tls-config.ts';

/**
 * What {@link TlsFiles} hold, as Node wants it: TLS 1.2 at least.
 * @throws RocketMQError `INVALID_CONFIG` naming the file that can't be read, or saying that they don't fit together
 */
export function loadTlsFiles(files: TlsFiles): SecureContextOptions {
  const { keyPath, certPath, trustCertPath, keyPassword } = files;
  if ((keyPath === undefined) !== (certPath === undefined)) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      'TLS: the paths of a certificate and of its key belong together',
    );
  }
  const options: SecureContextOptions = {
    minVersion: 'TLSv1.2',
    ...(keyPath !== undefined && { key: read(keyPath) }),
    ...(certPath !== undefined && { cert: read(certPath) }),
    ...(trustCertPath !== undefined && { ca: read(trustCertPath) }),
    ...(keyPassword !== undefined && { passphrase: keyPassword }),
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    const paths = [certPath, keyPath, trustCertPath].filter((path) => path !== undefined).join(', ');
    throw new RocketMQError(
      'INVALID_CONFIG',
      `TLS: ${paths} can't be used together: ${(cause as Error).message}`,
      { cause },
    );
  }
  return options;
}

/** Changes when one of the files does. */
export function tlsFilesState({ keyPath, certPath, trustCertPath }: TlsFiles): string {
  return [keyPath, certPath, trustCertPath]
    .map((path) => {
      const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
      return `${stat?.size}:${stat?.mtimeMs}:${stat?.ino}`;
    })
    .join();
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new RocketMQError('INVALID_CONFIG', `TLS: ${path} can't be read: ${systemCode(cause)}`, { cause });
  }
}
