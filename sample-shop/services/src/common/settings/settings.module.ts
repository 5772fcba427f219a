import { Global, Inject, Module, type DynamicModule } from '@nestjs/common';
import type { ShopSettings } from './settings.ts';

const SETTINGS = Symbol('ShopSettings');

/** Injects the {@link ShopSettings}. */
export const InjectSettings = (): ParameterDecorator => Inject(SETTINGS);

/** Makes the settings known to everything of a part. */
@Global()
@Module({})
export class SettingsModule {
  static with(settings: ShopSettings): DynamicModule {
    return {
      module: SettingsModule,
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    };
  }
}
