import { compileSql, ExpressionType } from '@nest-rocketmq/filter';
import { decodeProperties, findProperty, ResponseCode } from '@nest-rocketmq/protocol';
import { printable, RocketMQError } from '@nest-rocketmq/runtime';
import type { PropertiesView } from '@nest-rocketmq/store';

/** Says of a record's properties whether its message is wanted. */
export type PropertiesFilter = (properties: PropertiesView) => boolean;

/** Text of all expressions together that are kept compiled, in UTF-16 units. */
const KEPT_TEXT = 1024 * 1024;

/**
 * The expressions that consumers filter by, compiled once for all pulls that use them; the one not used for longest goes
 * when there are too many (FilterFactory, and the expression cache of SelectorParser).
 */
export class SqlFilters {
  readonly #kept = new Map<string, PropertiesFilter>();
  readonly #limit: number;
  #text = 0;

  /** @param limit how much text of expressions is kept, in UTF-16 units */
  constructor(limit = KEPT_TEXT) {
    this.#limit = limit;
  }

  /** How many expressions are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Whether {@link compile} gives a filter. */
  compiles(expression: string, expressionType: string): boolean {
    try {
      this.compile(expression, expressionType);
      return true;
    } catch (error) {
      if (error instanceof RocketMQError) return false;
      throw error;
    }
  }

  /**
   * The filter of an expression.
   * @throws RocketMQError `INVALID_ARGUMENT`, response code 23 (SUBSCRIPTION_PARSE_FAILED), when the type is not known or
   *   the expression can't be compiled
   */
  compile(expression: string, expressionType: string): PropertiesFilter {
    if (expressionType !== ExpressionType.SQL92) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `expression type ${printable(expressionType)}: only ${Object.values(ExpressionType).join(' and ')} are known`,
        { responseCode: ResponseCode.SUBSCRIPTION_PARSE_FAILED },
      );
    }
    let filter = this.#kept.get(expression);
    if (filter) this.#kept.delete(expression);
    else {
      filter = propertiesFilter(expression);
      this.#text += expression.length;
    }
    this.#kept.set(expression, filter);
    for (const oldest of this.#kept.keys()) {
      if (this.#text <= this.#limit) break;
      this.#kept.delete(oldest);
      this.#text -= oldest.length;
    }
    return filter;
  }
}

/** From here on all properties are decoded at once, so that an expression of many names does not look through them for each. */
const MANY_NAMES = 8;

function propertiesFilter(expression: string): PropertiesFilter {
  const filter = compileSql(expression);
  if (filter.propertyNames.length > MANY_NAMES) {
    return ({ bytes, start, end }) => {
      const properties = decodeProperties(bytes.subarray(start, end));
      return filter.matches((name) => properties.get(name));
    };
  }
  const names = new Map(filter.propertyNames.map((name) => [name, Buffer.from(name)]));
  let view: PropertiesView | undefined;
  const lookup = (name: string): string | undefined => {
    const bytes = names.get(name);
    if (!view || !bytes) return undefined;
    const found = findProperty(view.bytes, view.start, view.end, bytes);
    return found && view.bytes.toString('utf8', found.start, found.end);
  };
  return (properties) => {
    view = properties;
    return filter.matches(lookup);
  };
}
