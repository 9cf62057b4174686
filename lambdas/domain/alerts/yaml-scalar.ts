/**
 * YAML as Go's yaml.v2 understands it, which Alertmanager reads its configuration with: a scalar is its text until somebody asks
 * for more, so that `1.10` may be a name and `yes` a truth.
 */
export class YamlScalar {
  readonly text: string;
  /** Without quotes and tags: only then is it more than a text. */
  readonly isBare: boolean;
  constructor(text: string, isBare: boolean) {
    this.text = text;
    this.isBare = isBare;
  }
}

export type YamlValue = null | YamlScalar | readonly YamlValue[] | YamlMap;
export interface YamlMap {
  readonly [key: string]: YamlValue;
}
