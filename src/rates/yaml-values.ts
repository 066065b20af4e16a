import type { Document, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { NumberText } from './number-text.ts';

export type Path = readonly (string | number)[];

const maxAliases = 50;
const maxNodes = 200_000;

interface Fault {
  readonly offset: number;
  readonly key: string;
  readonly message: string;
}

/**
 * The plain values of a YAML document with the offset of each.
 * Not yaml's toJS: it turns numbers into doubles and follows an alias into itself.
 */
export class YamlValues {
  readonly value: unknown;
  readonly faults: Fault[] = [];
  private readonly document: Document;
  private readonly offsets = new Map<string, number>();
  private readonly keyOffsets = new Map<string, number>();
  private readonly open = new Set<Node>();
  private aliases = 0;
  private nodes = 0;

  constructor(document: Document) {
    this.document = document;
    const contents = document.contents;
    this.value = isNode(contents) ? this.convert(contents, []) : null;
  }

  /** Of a value, or of the nearest one around it. */
  offsetOf(path: Path): number {
    for (let length = path.length; length >= 0; length -= 1) {
      const found = this.offsets.get(pathKey(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return 0;
  }

  keyOffsetOf(path: Path): number {
    return this.keyOffsets.get(pathKey(path)) ?? this.offsetOf(path);
  }

  private convert(node: Node, path: Path): unknown {
    this.nodes += 1;
    if (this.nodes > maxNodes)
      return this.fail(node, `expected at most ${maxNodes} values, got more`);
    if (!this.offsets.has(pathKey(path))) this.offsets.set(pathKey(path), offset(node));
    if (isAlias(node)) return this.convertAlias(node, path);
    if (isScalar(node)) {
      const { value, source } = node;
      return typeof value === 'number' || typeof value === 'bigint'
        ? new NumberText(source ?? String(value))
        : value;
    }
    if (this.open.has(node))
      return this.fail(node, 'expected a value that ends, got an alias of itself');
    this.open.add(node);
    const value = isMap(node)
      ? this.convertMap(node, path)
      : isSeq(node)
        ? node.items.map((item, i) => (isNode(item) ? this.convert(item, [...path, i]) : null))
        : null;
    this.open.delete(node);
    return value;
  }

  private convertAlias(node: Node & { source: string }, path: Path): unknown {
    this.aliases += 1;
    if (this.aliases > maxAliases) {
      return this.fail(node, `expected at most ${maxAliases} aliases, got more`);
    }
    const target = isAlias(node) ? node.resolve(this.document) : undefined;
    return target === undefined
      ? this.fail(node, `expected an anchor, got *${node.source}, which is not defined above`)
      : this.convert(target, path);
  }

  private convertMap(
    node: Node & { items: { key: unknown; value: unknown }[] },
    path: Path,
  ): unknown {
    const result: Record<string, unknown> = {};
    for (const { key, value } of node.items) {
      if (!isScalar(key))
        return this.fail(isNode(key) ? key : node, 'expected a plain key, got a list or map');
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      // Assigning it would change the object's prototype instead of adding a key.
      if (name === '__proto__') return this.fail(key, 'expected a key, got __proto__');
      const inner = [...path, name];
      this.keyOffsets.set(pathKey(inner), offset(key));
      if (!isNode(value)) this.offsets.set(pathKey(inner), offset(key));
      if (Object.hasOwn(result, name)) {
        this.faults.push({
          offset: offset(key),
          key: name,
          message: 'expected each key once, got it twice',
        });
      }
      result[name] = isNode(value) ? this.convert(value, inner) : null;
    }
    return result;
  }

  private fail(node: Node, message: string): null {
    if (this.faults.length === 0) this.faults.push({ offset: offset(node), key: '', message });
    return null;
  }
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);
}

function offset(node: Node): number {
  return node.range?.[0] ?? 0;
}

function pathKey(path: Path): string {
  return path.join('\u0000');
}
