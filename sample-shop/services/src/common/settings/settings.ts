import { parseDuration } from '@nest-rocketmq/runtime';
import { z } from 'zod';
import { SERVICES, type ServiceName } from './service-name.ts';

/** Where a service listens. Port 0: any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Everything that can be set. Times are milliseconds. */
export interface ShopSettings {
  /** `postgres://...`, `mysql://...` or `mariadb://...`; undefined: a PostgreSQL in the process. */
  readonly databaseUrl: string | undefined;
  /** `host:port` of the NameServer; undefined: a NameServer and a broker in the process. */
  readonly nameServer: string | undefined;
  /** Where what runs in the process keeps its files. */
  readonly dataDirectory: string;
  /** Where the HTTP front ends listen. */
  readonly host: string;
  readonly orderWebPort: number;
  readonly payWebPort: number;
  /** Where order-web reaches pay-web, to which it passes on what its page pays; undefined: on its port of this host. */
  readonly payWebUrl: string | undefined;
  /** Where each service listens, and the others reach it. */
  readonly rpc: Readonly<Record<ServiceName, Address>>;
  /** How long a call of another service may take. */
  readonly rpcTimeout: number;
  /** After this time an unpaid order is cancelled. */
  readonly unpaidTimeout: number;
  /** After this time an order that was not confirmed is cancelled: whoever placed it died. */
  readonly unconfirmedTimeout: number;
  /** How often such orders are looked for. */
  readonly sweepInterval: number;
  /** After this time a message whose consumer died is consumed by another, and sent by another when its sender died. */
  readonly takeoverTimeout: number;
  /** How many orders are placed at the same time; others wait. */
  readonly concurrentOrders: number;
  /** Whether `failAt` and resent messages are allowed. */
  readonly failureSwitches: boolean;
  /** Whether an empty database gets goods, users and coupons. */
  readonly demonstration: boolean;
  /** 0..1023: different for each process that makes ids at the same time. */
  readonly worker: number;
  /** Where a service that runs by itself serves `/health` and `/metrics`; undefined: nowhere. */
  readonly managementPort: number | undefined;
  /** Connections to the database, of each service. */
  readonly databaseConnections: number;
}

const FIRST_RPC_PORT = 7001;
const LONGEST_DELAY = 3 * 86_400_000;

const flag = (byDefault: boolean) => z.stringbool().default(byDefault).describe('true or false');
const port = z.coerce.number().int().min(0).max(65_535);
const duration = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text, context) => {
      try {
        return parseDuration(/^\d+$/.test(text) ? Number(text) : text);
      } catch (error) {
        context.addIssue((error as Error).message);
        return z.NEVER;
      }
    });
const address = z.string().transform((text, context): Address => {
  const match = /^(.+):(\d{1,5})$/.exec(text);
  const parsed = port.safeParse(match?.[2]);
  if (match?.[1] !== undefined && parsed.success) return { host: match[1], port: parsed.data };
  context.addIssue('is not host:port');
  return z.NEVER;
});

const schema = z.object({
  SHOP_DATABASE_URL: z
    .string()
    .regex(/^(postgres|postgresql|mysql|mariadb):\/\//, 'is not postgres://, mysql:// or mariadb://')
    .optional(),
  SHOP_NAME_SERVER: z.string().optional(),
  NAMESRV_ADDR: z.string().optional(),
  SHOP_DATA_DIR: z.string().default('.shop'),
  SHOP_HOST: z.string().default('127.0.0.1'),
  SHOP_ORDER_WEB_PORT: port.default(8080),
  SHOP_PAY_WEB_PORT: port.default(9090),
  SHOP_PAY_WEB_URL: z.url().optional(),
  SHOP_RPC_TIMEOUT: duration('10s'),
  SHOP_UNPAID_TIMEOUT: duration('30m').pipe(z.number().min(1000).max(LONGEST_DELAY)),
  SHOP_UNCONFIRMED_TIMEOUT: duration('1m').pipe(z.number().positive()),
  SHOP_SWEEP_INTERVAL: duration('10s').pipe(z.number().positive()),
  SHOP_TAKEOVER_TIMEOUT: duration('1m').pipe(z.number().positive()),
  SHOP_CONCURRENT_ORDERS: z.coerce.number().int().min(1).max(1000).default(16),
  SHOP_FAILURE_SWITCHES: flag(false),
  SHOP_DEMO: flag(false),
  SHOP_WORKER: z.coerce.number().int().min(0).max(1023).default(0),
  SHOP_MANAGEMENT_PORT: port.optional(),
  SHOP_DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(1000).default(5),
});

/** The variable that says where a service is: `SHOP_RPC_GOODS_SERVICE`. */
export function rpcVariable(service: ServiceName): string {
  return `SHOP_RPC_${service.toUpperCase().replace('-', '_')}`;
}

/**
 * Reads the settings from the environment; what is empty counts as not set.
 * @throws Error that names every variable that is wrong
 */
export function readSettings(environment: NodeJS.ProcessEnv): ShopSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const addresses = Object.fromEntries(
    SERVICES.map((service, index) => [
      rpcVariable(service),
      address.default({ host: '127.0.0.1', port: FIRST_RPC_PORT + index }),
    ]),
  );
  const parsed = schema.and(z.object(addresses)).safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The settings of the shop are wrong: ${problems.join('; ')}`);
  }
  const values = parsed.data;
  const rpc = Object.fromEntries(SERVICES.map((service) => [service, values[rpcVariable(service)]]));
  return {
    databaseUrl: values.SHOP_DATABASE_URL,
    nameServer: values.SHOP_NAME_SERVER ?? values.NAMESRV_ADDR,
    dataDirectory: values.SHOP_DATA_DIR,
    host: values.SHOP_HOST,
    orderWebPort: values.SHOP_ORDER_WEB_PORT,
    payWebPort: values.SHOP_PAY_WEB_PORT,
    payWebUrl: values.SHOP_PAY_WEB_URL,
    rpc: rpc as unknown as Record<ServiceName, Address>,
    rpcTimeout: values.SHOP_RPC_TIMEOUT,
    unpaidTimeout: values.SHOP_UNPAID_TIMEOUT,
    unconfirmedTimeout: values.SHOP_UNCONFIRMED_TIMEOUT,
    sweepInterval: values.SHOP_SWEEP_INTERVAL,
    takeoverTimeout: values.SHOP_TAKEOVER_TIMEOUT,
    concurrentOrders: values.SHOP_CONCURRENT_ORDERS,
    failureSwitches: values.SHOP_FAILURE_SWITCHES,
    demonstration: values.SHOP_DEMO,
    worker: values.SHOP_WORKER,
    managementPort: values.SHOP_MANAGEMENT_PORT,
    databaseConnections: values.SHOP_DATABASE_CONNECTIONS,
  };
}
