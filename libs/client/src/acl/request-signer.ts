import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { MixAll, type RemotingCommand } from '@nest-rocketmq/protocol';

const ACCESS_KEY = 'AccessKey';
const SECURITY_TOKEN = 'SecurityToken';
const SIGNATURE = 'Signature';
/** `V4_9_3`, the last version for which every broker leaves {@link MixAll.UNIQUE_MSG_QUERY_FLAG} unsigned. */
const VERSION_4_9_3 = 399;

/** Who a client is, to brokers with access control (`SessionCredentials`). */
export interface AclCredentials {
  accessKey: string;
  secretKey: string;
  /** Of temporary credentials. */
  securityToken?: string | undefined;
}

/**
 * Signs requests as Java's `AclClientRPCHook` does: HMAC-SHA1 over the values of all fields, in the order of their keys,
 * and the body. The secret never leaves this object; nothing that is logged can show it.
 */
export class RequestSigner {
  readonly #accessKey: string;
  readonly #secret: KeyObject;
  readonly #securityToken: string | undefined;

  constructor({ accessKey, secretKey, securityToken }: AclCredentials) {
    this.#accessKey = accessKey;
    this.#secret = createSecretKey(Buffer.from(secretKey, 'utf8'));
    this.#securityToken = securityToken;
  }

  /** Adds the access key and the signature to a request whose other fields and body are complete. */
  sign(request: RemotingCommand): void {
    const { extFields } = request;
    extFields.delete(SIGNATURE);
    extFields.set(ACCESS_KEY, this.#accessKey);
    if (this.#securityToken !== undefined) extFields.set(SECURITY_TOKEN, this.#securityToken);
    // Brokers differ in whether this field is signed; they agree on it for clients up to 4.9.3.
    const unsigned = extFields.has(MixAll.UNIQUE_MSG_QUERY_FLAG) ? MixAll.UNIQUE_MSG_QUERY_FLAG : undefined;
    if (unsigned !== undefined) request.version = Math.min(request.version, VERSION_4_9_3);
    const hmac = createHmac('sha1', this.#secret);
    // The order of Java's TreeMap is that of UTF-16 code units, as this is.
    for (const key of [...extFields.keys()].sort()) {
      if (key !== unsigned) hmac.update(extFields.get(key) ?? '', 'utf8');
    }
    extFields.set(SIGNATURE, hmac.update(request.body).digest('base64'));
  }
}
