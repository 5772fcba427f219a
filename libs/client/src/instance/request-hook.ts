import type { RemotingCommand } from '@nest-rocketmq/protocol';
import { RequestSigner } from '../acl/request-signer.ts';
import type { ClientSettings } from './client-options.ts';

/** Completes a request of a client before it is sent. */
export type RequestHook = (request: RemotingCommand) => void;

/**
 * What is added to all requests of a client: its namespace of 5.x (`NamespaceRpcHook`), and, over all the rest, the
 * signature. Undefined when there is nothing to add.
 */
export function requestHook({ credentials, namespaceV2 }: ClientSettings): RequestHook | undefined {
  const signer = credentials && new RequestSigner(credentials);
  if (namespaceV2 === undefined) return signer && ((request) => signer.sign(request));
  return (request) => {
    request.extFields.set('nsd', 'true');
    request.extFields.set('ns', namespaceV2);
    signer?.sign(request);
  };
}
