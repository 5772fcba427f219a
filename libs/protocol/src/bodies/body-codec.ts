import { MQVersion } from '../codes/mq-version.ts';
import { parseJson, type JsonLimits } from '../json/parse-json.ts';
import type { Shape } from '../json/shape.ts';
import { stringifyJson } from '../json/stringify-json.ts';

/** What is known of the peer a body is written for. */
export interface Peer {
  /** The version in the header of its request. */
  version?: number;
  /** It asked for standard JSON, as `acceptStandardJsonOnly` does. */
  standardJson?: boolean;
}

/** Reads and writes the body of a command. */
export interface BodyCodec<T> {
  encode(value: T, peer?: Peer): Buffer;
  /** Throws RocketMQError `PROTOCOL` when the body is not one of these, or exceeds a limit. Unknown members are ignored. */
  decode(body: Buffer): T;
}

/** What a codec reads and writes. */
export type BodyType<C> = C extends BodyCodec<infer T> ? T : never;

/** The limit of most bodies that clients send, which keeps what one frame can cost small. */
export const SMALL_BODY: JsonLimits = { maxBytes: 1024 * 1024, maxDepth: 16, maxValues: 200_000 };

/** A codec for a JSON body in fastjson's dialect. */
export function jsonBody<T>(shape: Shape<T>, limits: JsonLimits = {}): BodyCodec<T> {
  return {
    encode: (value) => Buffer.from(stringifyJson(shape.encode(value))),
    decode: (body) => shape.decode(parseJson(body, limits), ''),
  };
}

/**
 * A codec for the one body that newer peers, and those who ask for it, get in standard JSON (NameServer's
 * `ClientRequestProcessor`). Unknown peers get the dialect, which every client reads.
 */
export function standardJsonBody<T>(shape: Shape<T>): BodyCodec<T> {
  const dialect = jsonBody(shape);
  return {
    encode(value, peer = {}) {
      const standard = peer.standardJson === true || (peer.version ?? 0) >= MQVersion.V4_9_4;
      return standard ? Buffer.from(stringifyJson(shape.encode(value), { standard })) : dialect.encode(value);
    },
    decode: (body) => dialect.decode(body),
  };
}
