import { createTopics } from '../common/messaging/create-topics.ts';
import { SERVICES, WEBS, type PartName } from '../common/settings/service-name.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { startService, startWeb, type RunningPart, type ShopLogger } from './start-part.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

/**
 * The whole shop in this process: every service is an application of its own, and calls the others over TCP as it does when
 * they are elsewhere; they share nothing but the process.
 */
export class Shop {
  /** The settings it runs with: also the addresses of what was started. */
  readonly settings: ShopSettings;
  readonly #parts: readonly RunningPart[];
  readonly #surroundings: Surroundings;
  #closed: Promise<void> | undefined;

  private constructor(settings: ShopSettings, parts: readonly RunningPart[], surroundings: Surroundings) {
    this.settings = settings;
    this.#parts = parts;
    this.#surroundings = surroundings;
  }

  /** Starts it. Nothing is left running when that fails. @throws what stops the boot of a part */
  static async start(given: ShopSettings, logger: ShopLogger = ['error', 'warn']): Promise<Shop> {
    const surroundings = await startSurroundings(given);
    const parts: RunningPart[] = [];
    let settings = withFreePorts(surroundings.settings);
    try {
      await createTopics(settings.nameServer ?? '');
      for (const name of SERVICES) {
        const part = await startService(name, settings, logger);
        parts.push(part);
        settings = { ...settings, rpc: { ...settings.rpc, [name]: part.address } };
      }
      for (const name of WEBS) {
        const part = await startWeb(name, settings, logger);
        parts.push(part);
        const port = name === 'pay-web' ? 'payWebPort' : 'orderWebPort';
        settings = { ...settings, [port]: part.address.port };
      }
      return new Shop(settings, parts, surroundings);
    } catch (error) {
      await closeAll(parts, surroundings);
      throw error;
    }
  }

  /** A part. */
  part(name: PartName): RunningPart {
    const part = this.#parts.find((one) => one.name === name);
    if (!part) throw new Error(`There is no ${name}`);
    return part;
  }

  /** The address of the page, and of `/order-web`. */
  get url(): string {
    return urlOf(this.part('order-web'));
  }

  /** The address of `/pay-web`. */
  get payUrl(): string {
    return urlOf(this.part('pay-web'));
  }

  /** Stops everything; what is being done is done. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= closeAll(this.#parts, this.#surroundings);
    return this.#closed;
  }

  /** As {@link close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** In one process nobody else has to know where a service listens. */
function withFreePorts(settings: ShopSettings): ShopSettings {
  const rpc = { ...settings.rpc };
  for (const name of SERVICES) rpc[name] = { host: '127.0.0.1', port: 0 };
  return { ...settings, rpc };
}

async function closeAll(parts: readonly RunningPart[], surroundings: Surroundings): Promise<void> {
  for (const { app } of parts.toReversed()) await app.close();
  await surroundings.close();
}

function urlOf({ address }: RunningPart): string {
  return `http://${address.host === '0.0.0.0' ? '127.0.0.1' : address.host}:${address.port}`;
}
