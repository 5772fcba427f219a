/*
 * UNREGISTER_CLIENT (35), client to broker
 *   request  clientID [producerGroup] [consumerGroup] [bname]
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const unregisterClientRequestHeader = header({
  clientID: text,
  producerGroup: optional(text),
  consumerGroup: optional(text),
  bname: optional(text),
});

/** The fields of UnregisterClient's request. */
export type UnregisterClientRequestHeader = HeaderType<typeof unregisterClientRequestHeader>;

/** The answer carries no fields. */
export type UnregisterClientResponseHeader = EmptyHeader;

/** Takes one group of a client back. */
export const UnregisterClient = command(
  RequestCode.UNREGISTER_CLIENT,
  'UnregisterClient',
  unregisterClientRequestHeader,
);
