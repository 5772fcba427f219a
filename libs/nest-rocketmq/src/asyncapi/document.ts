/** A schema of JSON Schema draft 7, as AsyncAPI takes it without a `schemaFormat`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A reference within the document. */
export interface Reference {
  readonly $ref: string;
}

/** A NameServer. */
export interface AsyncApiServer {
  readonly host: string;
  readonly protocol: string;
  readonly title?: string;
  readonly description?: string;
}

/** A topic. */
export interface AsyncApiChannel {
  readonly address: string;
  readonly servers: Reference[];
  readonly messages: Record<string, Reference>;
}

/** The messages of a tag. */
export interface AsyncApiMessage {
  readonly name: string;
  readonly title: string;
  readonly contentType?: string;
  readonly payload?: JsonSchema;
  readonly 'x-rocketmq'?: Readonly<Record<string, unknown>>;
}

/** A handler. */
export interface AsyncApiOperation {
  readonly action: 'receive';
  readonly channel: Reference;
  readonly messages: Reference[];
  readonly title: string;
  readonly summary: string;
  readonly 'x-rocketmq': Readonly<Record<string, unknown>>;
}

/** An AsyncAPI 3.0.0 document. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly defaultContentType: string;
  readonly servers: Record<string, AsyncApiServer>;
  readonly channels: Record<string, AsyncApiChannel>;
  readonly operations: Record<string, AsyncApiOperation>;
  readonly components: { readonly messages: Record<string, AsyncApiMessage> };
}
