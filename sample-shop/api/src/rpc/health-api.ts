/** How a part of a service is. */
export interface PartHealth {
  readonly name: string;
  readonly up: boolean;
  readonly message?: string;
}

/** How a service is. */
export interface ServiceHealth {
  readonly service: string;
  readonly up: boolean;
  readonly parts: readonly PartHealth[];
  /** Why it is not up, where it can't say so itself. */
  readonly message?: string;
}

/** What every service answers. */
export interface HealthApi {
  health(request: object): Promise<ServiceHealth>;
}
