import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { ServiceName } from '../common/settings/service-name.ts';
import { Timeline, TIMELINE_OF } from './timeline.ts';

/** The {@link Timeline} of a service. */
@Global()
@Module({})
export class TimelineModule {
  static of(service: ServiceName): DynamicModule {
    return {
      module: TimelineModule,
      providers: [{ provide: TIMELINE_OF, useValue: service }, Timeline],
      exports: [Timeline],
    };
  }
}
