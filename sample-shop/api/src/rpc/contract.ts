/** How one method of a service is called. */
export interface RpcMethod {
  /** Whether a call may be made again when no answer came: it reads, and changes nothing. */
  readonly read: boolean;
  /** How many time-outs its answer may take: more than one where it calls other services itself. */
  readonly patience: number;
}

/** Every method of a service's interface: a request object goes in, a promise comes out. */
export type RpcMethods<Api> = { readonly [Method in keyof Api]: RpcMethod };

/** A contract, whatever its interface is. */
export interface AnyRpcContract {
  /** The service: what its patterns begin with. */
  readonly service: string;
  readonly methods: Readonly<Record<string, RpcMethod>>;
}

/** What callers and the service itself know of an interface: its name and its methods. */
export interface RpcContract<Api> extends AnyRpcContract {
  readonly methods: RpcMethods<Api> & Readonly<Record<string, RpcMethod>>;
  /** The message pattern of a method: `goods-service.take`. */
  readonly pattern: (method: keyof Api & string) => string;
}

/** Puts a contract together. */
export function rpcContract<Api>(service: string, methods: RpcMethods<Api>): RpcContract<Api> {
  return {
    service,
    methods: methods as RpcContract<Api>['methods'],
    pattern: (method) => patternOf(service, method),
  };
}

/** The message pattern of a service's method. */
export function patternOf(service: string, method: string): string {
  return `${service}.${method}`;
}

export const READ: RpcMethod = { read: true, patience: 1 };
export const CHANGE: RpcMethod = { read: false, patience: 1 };
/** Of a method that calls others one after the other. */
export const READ_OF_MANY: RpcMethod = { read: true, patience: 3 };
export const CHANGE_OF_MANY: RpcMethod = { read: false, patience: 8 };
