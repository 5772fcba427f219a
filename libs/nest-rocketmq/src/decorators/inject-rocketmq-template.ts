import { Inject } from '@nestjs/common';
import { getRocketMQTemplateToken } from '../tokens.ts';

/** Injects the template of a named connection; without a name, as the type `RocketMQTemplate` alone does. */
export function InjectRocketMQTemplate(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getRocketMQTemplateToken(name));
}
