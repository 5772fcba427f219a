import { Converter, ReflectionKind } from 'typedoc';

/** Gives modules the names that they are imported by: `@nest-rocketmq/client` for what is read from `client/src`. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const [library, , ...path] = module.name.split('/');
      const name = library === 'nest-rocketmq' ? library : `@nest-rocketmq/${library}`;
      module.name = [name, ...path].join('/');
    }
  });
}
