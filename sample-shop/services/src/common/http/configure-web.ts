import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { measureRequests } from '../operations/http-metrics.ts';
import { AnswerFilter } from './answer.filter.ts';
import { bodyValidation } from './validation.ts';

/** What is the same for both front ends: the prefix, checked bodies, answers, and OpenAPI at `/<prefix>/docs`, and `docs-json`. */
export function configureWeb(app: INestApplication, prefix: string, title: string): void {
  app.use(measureRequests(prefix));
  app.setGlobalPrefix(prefix);
  app.useGlobalPipes(bodyValidation());
  app.useGlobalFilters(new AnswerFilter());
  const document = new DocumentBuilder().setTitle(title).setVersion('1').build();
  SwaggerModule.setup(`${prefix}/docs`, app, () => SwaggerModule.createDocument(app, document));
}
